// sample: some of the values, in their order.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "base/units.hpp"
#include "gen/combinators/make.hpp"
#include "gen/indexed.hpp"
#include "gen/permutation.hpp"
#include "gen/random.hpp"
#include "gen/stage_arguments.hpp"
#include "mtask/sleep.hpp"

namespace mtask::gen {
namespace {

Error too_many(std::uint64_t memory) {
  return Error{
      ErrorKind::kItem,
      {},
      "sample: the chosen values need more than " + format_size(memory) + "; see --memory, or take from a shuffle"};
}

// Values of others, by their numbers.
class Picked final : public Indexed {
 public:
  Picked(IndexedView values, std::vector<std::uint64_t> numbers)
      : values_(std::move(values)), numbers_(std::move(numbers)) {}

  [[nodiscard]] std::optional<std::uint64_t> size() const override { return numbers_.size(); }
  [[nodiscard]] Result<void> read(std::span<const std::uint64_t> indices, Batch& out) const override {
    Batch one;
    out.clear();
    for (const std::uint64_t index : indices) {
      Result<void> read = values_.read(numbers_[index], 1, one);
      if (!read) return out.empty() ? read : Result<void>();
      out.append(one, 0);
    }
    return {};
  }

 private:
  IndexedView values_;
  std::vector<std::uint64_t> numbers_;
};

// The first `count` numbers of a random order, sorted.
std::vector<std::uint64_t> chosen_numbers(std::uint64_t size, std::uint64_t count, std::uint64_t seed) {
  std::vector<std::uint64_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), std::uint64_t{0});
  if (count < size) Permutation(size, seed).apply(numbers);
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

// N values, all sets of N equally likely, in the order in which they came (J. Vitter: Random Sampling with a Reservoir,
// 1985, algorithm R).
class Sample final : public Combinator {
 public:
  Sample(StreamPtr upstream, std::size_t size, std::uint64_t seed, std::uint64_t memory)
      : Combinator(std::move(upstream)), size_(size), memory_(memory), random_(seed) {}

  [[nodiscard]] task<Result<void>> pull(Batch& out, std::size_t want) override {
    out.clear();
    if (!std::exchange(taken_, true)) {
      Result<void> taken = co_await take_all();
      if (!taken) co_return taken;
      keep_chosen();
    }
    for (; next_ < chosen_.size() && out.size() < want; ++next_) out.append(held_, chosen_[next_].place);
    co_return Result<void>();
  }

 private:
  struct Chosen {
    std::uint64_t number = 0;  // of all values
    std::uint32_t place = 0;   // in held_
  };
  task<Result<void>> take_all() {
    Batch batch;
    for (;;) {
      Result<void> pulled = co_await upstream().pull(batch, kBatchValues);
      if (!pulled || batch.empty() || size_ == 0) co_return pulled;
      for (std::size_t i = 0; i < batch.size(); ++i, ++number_) {
        std::size_t index = chosen_.size();
        if (index < size_) {
          chosen_.emplace_back();
        } else {
          index = static_cast<std::size_t>(random_.below(number_ + 1));
          if (index >= size_) continue;
        }
        chosen_[index] = {number_, static_cast<std::uint32_t>(held_.size())};
        held_.append(batch, i);
      }
      if (held_.size() > 2 * chosen_.size() + kBatchValues) keep_chosen();
      if (held_.size() * kOverhead + (held_.numeric() ? 0 : held_.text_bytes()) > memory_) {
        co_return Unexpected(too_many(memory_));
      }
      co_await yield();  // so that a signal is seen
    }
  }
  // Drops what others have replaced; the order becomes that in which they came.
  void keep_chosen() {
    std::sort(chosen_.begin(), chosen_.end(), [](const Chosen& a, const Chosen& b) { return a.number < b.number; });
    std::vector<std::uint32_t> places;
    for (Chosen& one : chosen_) {
      places.push_back(one.place);
      one.place = static_cast<std::uint32_t>(places.size() - 1);
    }
    held_.select(places);
  }

  static constexpr std::size_t kOverhead = 32;  // of a value, its place among the chosen ones counted
  std::size_t size_;
  std::uint64_t memory_;
  Random random_;
  std::vector<Chosen> chosen_;
  Batch held_;  // the chosen ones, and others that were replaced since
  std::uint64_t number_ = 0;
  std::size_t next_ = 0;
  bool taken_ = false;
};

}  // namespace

Result<StreamPtr> make_sample(StageArguments& arguments) {
  auto size = arguments.integer(arguments.operands()[0], 0, UINT32_MAX / 4);
  if (!size) return Unexpected(std::move(size).error());
  auto seed = arguments.seed();
  if (!seed) return Unexpected(std::move(seed).error());
  auto upstream = arguments.take_finite_upstream();
  if (!upstream) return upstream;
  const auto wanted = static_cast<std::uint64_t>(*size);
  const std::uint64_t memory = arguments.runtime().memory;
  const auto view = (*upstream)->indexed();
  if (!view) return StreamPtr(std::make_unique<Sample>(std::move(*upstream), wanted, *seed, memory));
  const std::uint64_t all = view->size().value();
  const std::uint64_t count = std::min(wanted, all);
  if (count * sizeof(std::uint64_t) > memory) return Unexpected(too_many(memory));
  auto picked = std::make_shared<const Picked>(*view, chosen_numbers(all, count, *seed));
  return StreamPtr(std::make_unique<IndexedStream>(IndexedView(std::move(picked))));
}

}  // namespace mtask::gen
