// repeat and cycle: the same again.

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "gen/number.hpp"
#include "gen/sources/list.hpp"
#include "gen/sources/make.hpp"
#include "gen/sources/operand_lists.hpp"
#include "gen/stage_arguments.hpp"

namespace mtask::gen {
namespace {

constexpr std::size_t kTextBytes = 256 * 1024;  // of a batch, as far as a value is not longer

class Repeated final : public Indexed {
 public:
  Repeated(std::string value, std::optional<std::uint64_t> count) : value_(std::move(value)), count_(count) {
    is_number_ = is_plain_number(value_);
    if (auto number = is_number_ ? parse_decimal(value_) : Result<Decimal>(Decimal{})) number_ = *number;
    std::string text;
    append_decimal(number_.units, number_.scale, text);
    exact_ = is_number_ && text == value_;
  }
  [[nodiscard]] std::optional<std::uint64_t> size() const override { return count_; }
  [[nodiscard]] Result<void> read(std::span<const std::uint64_t> indices, Batch& out) const override {
    return read_run(0, 1, indices.size(), out);
  }
  [[nodiscard]] Result<void> read_run(std::uint64_t /*first*/, std::uint64_t /*stride*/, std::size_t count,
                                      Batch& out) const override {
    if (exact_) {
      out.set_progression(Progression{number_.units, 0, count}, number_.scale);
      return {};
    }
    out.start_rows();
    for (std::size_t i = 0; i < count && out.text_bytes() < kTextBytes; ++i) out.add_text(value_, is_number_);
    return {};
  }

 private:
  std::string value_;
  std::optional<std::uint64_t> count_;
  Decimal number_;
  bool is_number_ = false;
  bool exact_ = false;  // it is `number_`
};

// A list of a known size, over and over.
class Cycled final : public Indexed {
 public:
  Cycled(IndexedView list, std::optional<std::uint64_t> rounds)
      : list_(std::move(list)), length_(list_.size().value()) {
    std::uint64_t values = 0;
    if (length_ == 0) {
      size_ = 0;
    } else if (rounds && !__builtin_mul_overflow(*rounds, length_, &values) && values <= INT64_MAX) {
      size_ = values;
    }
    if (length_ < kBatchValues) read_all();
  }
  [[nodiscard]] std::optional<std::uint64_t> size() const override { return size_; }
  [[nodiscard]] Result<void> read(std::span<const std::uint64_t> indices, Batch& out) const override {
    Batch one;
    out.clear();
    for (const std::uint64_t index : indices) {
      if (values_) {
        out.append(*values_, static_cast<std::size_t>(index % length_));
      } else {
        Result<void> read = list_.read(index % length_, 1, one);
        if (!read) return out.empty() ? read : Result<void>();
        out.append(one, 0);
      }
      if (!out.numeric() && out.text_bytes() > kTextBytes) break;
    }
    return {};
  }
  [[nodiscard]] Result<void> read_run(std::uint64_t first, std::uint64_t stride, std::size_t count,
                                      Batch& out) const override {
    if (stride != 1 || length_ < kBatchValues) return Indexed::read_run(first, stride, count, out);
    return list_.read(first % length_, count, out);  // no further than the list's end
  }

 private:
  // Where one cannot be read, all are left to read(), which tells which.
  void read_all() {
    Batch all;
    Batch some;
    while (all.size() < length_) {
      if (!list_.read(all.size(), static_cast<std::size_t>(length_ - all.size()), some) || some.empty()) return;
      for (std::size_t i = 0; i < some.size(); ++i) all.append(some, i);
    }
    values_ = std::move(all);
  }

  IndexedView list_;
  std::uint64_t length_;
  std::optional<std::uint64_t> size_;  // nothing: no end
  std::optional<Batch> values_;        // of a short list
};

// Hands out the first round as it comes and keeps it for the others.
class CycledStream final : public Combinator {
 public:
  CycledStream(StreamPtr list, ListBuilder kept, std::optional<std::uint64_t> rounds)
      : Combinator(std::move(list)), kept_(std::move(kept)), rounds_(rounds) {}

  [[nodiscard]] task<Result<void>> pull(Batch& out, std::size_t want) override {
    out.clear();
    if (rounds_ == std::uint64_t{0}) co_return Result<void>();
    if (!again_) {
      if (full_) co_return Unexpected(std::move(*full_));
      Result<void> pulled = co_await upstream().pull(out, want);
      if (pulled && !out.empty() && rounds_ != std::uint64_t{1}) {
        if (auto added = kept_.add(out); !added) full_ = std::move(added).error();
      }
      if (!pulled || !out.empty() || rounds_ == std::uint64_t{1}) co_return pulled;
      if (rounds_) --*rounds_;
      auto cycled = std::make_shared<const Cycled>(kept_.finish(), rounds_);
      again_ = std::make_unique<IndexedStream>(IndexedView(std::move(cycled)));
    }
    co_return co_await again_->pull(out, want);
  }

 private:
  ListBuilder kept_;
  std::optional<std::uint64_t> rounds_;
  std::optional<Error> full_;  // to be told when what was read has been handed out
  StreamPtr again_;
};

Result<std::optional<std::uint64_t>> count_operand(const StageArguments& arguments) {
  if (arguments.operands().size() < 2) return std::optional<std::uint64_t>();
  auto count = arguments.integer(arguments.operands()[1], 0);
  if (!count) return Unexpected(std::move(count).error());
  return std::optional(static_cast<std::uint64_t>(*count));
}

}  // namespace

Result<StreamPtr> make_repeat(StageArguments& arguments) {
  auto count = count_operand(arguments);
  if (!count) return Unexpected(std::move(count).error());
  auto repeated = std::make_shared<const Repeated>(arguments.operands()[0].text, *count);
  return StreamPtr(std::make_unique<IndexedStream>(IndexedView(std::move(repeated))));
}

Result<StreamPtr> make_cycle(StageArguments& arguments) {
  auto rounds = count_operand(arguments);
  if (!rounds) return Unexpected(std::move(rounds).error());
  const Word& word = arguments.operands()[0];
  auto list = arguments.stream(word, StageArguments::As::kList);
  if (!list) return list;
  const auto view = (*list)->indexed();
  if (view && view->size()) {
    return StreamPtr(std::make_unique<IndexedStream>(IndexedView(std::make_shared<const Cycled>(*view, *rounds))));
  }
  if (view)
    return *rounds == std::uint64_t{0} ? StreamPtr(std::make_unique<IndexedStream>(view->selected(0, 1, 0)))
                                       : std::move(*list);
  ListBuilder kept(arguments.context(quote(word.text)), arguments.runtime());
  return StreamPtr(std::make_unique<CycledStream>(std::move(*list), std::move(kept), *rounds));
}

}  // namespace mtask::gen
