// uniq, sample: by what was there before.

#include <algorithm>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "base/units.hpp"
#include "gen/combinators/make.hpp"
#include "gen/random.hpp"
#include "gen/stage_arguments.hpp"
#include "mtask/sleep.hpp"

namespace mtask::gen {
namespace {

// A value's bytes, which no other value has.
std::string identity(const Batch& batch, std::size_t index) {
  std::string text;
  for (std::size_t field = 0; field < batch.field_count(index); ++field) {
    std::string part;
    batch.append_field(index, field, part);
    text += std::to_string(part.size()) + ':' + part;
  }
  return text;
}

// As uniq(1): of equal values after each other one, with their number where it is asked for.
class UniqNeighbours final : public Combinator {
 public:
  UniqNeighbours(StreamPtr upstream, bool counts) : Combinator(std::move(upstream)), counts_(counts) {}

  [[nodiscard]] task<Result<void>> pull(Batch& out, std::size_t want) override {
    out.clear();
    while (out.empty()) {
      if (pending_) co_return Unexpected(std::move(*pending_));
      if (ended_) break;
      Result<void> pulled = co_await upstream().pull(fresh_, want);
      ended_ = !pulled || fresh_.empty();
      if (!pulled) pending_ = std::move(pulled).error();
      for (std::size_t i = 0; !ended_ && i < fresh_.size(); ++i) take(i, out);
      if (out.empty() && !ended_) co_await yield();  // so that a signal is seen
      if (ended_ && counts_ && count_ > 0) hand_out(out);
    }
    co_return Result<void>();
  }

 private:
  void take(std::size_t index, Batch& out) {
    std::string id = identity(fresh_, index);
    if (count_ > 0 && id == last_id_) {
      ++count_;
      return;
    }
    if (counts_ && count_ > 0) hand_out(out);
    last_id_ = std::move(id);
    count_ = 1;
    last_.clear();
    last_.append(fresh_, index);
    if (!counts_) out.append(fresh_, index);
  }
  // With counts a value is known when the next one has come.
  void hand_out(Batch& out) {
    out.to_rows();
    out.add_field(std::to_string(count_), true);
    out.add_fields(last_, 0);
    out.end_row();
    count_ = 0;
  }

  bool counts_;
  Batch fresh_;
  Batch last_;
  std::string last_id_;
  std::uint64_t count_ = 0;
  bool ended_ = false;
  std::optional<Error> pending_;
};

// Each value once, however far apart. Remembers all, up to the limit.
class UniqAll final : public BatchCombinator {
 public:
  UniqAll(StreamPtr upstream, std::uint64_t memory) : BatchCombinator(std::move(upstream)), memory_(memory) {}

 private:
  Result<void> map(Batch& batch) override {
    chosen_.clear();
    Result<void> kept;
    for (std::size_t i = 0; i < batch.size() && kept; ++i) {
      std::string id = identity(batch, i);
      const std::size_t size = id.size();
      if (!seen_.insert(std::move(id)).second) continue;
      chosen_.push_back(static_cast<std::uint32_t>(i));
      held_ += size + kOverhead;
      if (held_ > memory_) {
        kept = Unexpected(Error{
            ErrorKind::kItem,
            {},
            "uniq: the distinct values need more than " + format_size(memory_) + "; see --memory, or sort them first"});
      }
    }
    batch.select(chosen_);
    return kept;
  }

  static constexpr std::size_t kOverhead = 64;  // of an entry of the set
  std::uint64_t memory_;
  std::uint64_t held_ = 0;
  std::unordered_set<std::string> seen_;
  std::vector<std::uint32_t> chosen_;
};

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
        co_return Unexpected(Error{ErrorKind::kItem,
                                   {},
                                   "sample: the chosen values need more than " + format_size(memory_) +
                                       "; see --memory, or take from a shuffle"});
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

Result<StreamPtr> make_uniq(StageArguments& arguments) {
  if (!arguments.has("all")) {
    return StreamPtr(std::make_unique<UniqNeighbours>(arguments.take_upstream(), arguments.has("count")));
  }
  if (const Word* const word = arguments.find("count"))
    return Unexpected(arguments.refuse(*word, "goes without --all only"));
  return StreamPtr(std::make_unique<UniqAll>(arguments.take_upstream(), arguments.runtime().memory));
}

Result<StreamPtr> make_sample(StageArguments& arguments) {
  auto size = arguments.integer(arguments.operands()[0], 0, UINT32_MAX / 4);
  if (!size) return Unexpected(std::move(size).error());
  auto seed = arguments.seed();
  if (!seed) return Unexpected(std::move(seed).error());
  return StreamPtr(std::make_unique<Sample>(arguments.take_upstream(), static_cast<std::size_t>(*size), *seed,
                                            arguments.runtime().memory));
}

}  // namespace mtask::gen
