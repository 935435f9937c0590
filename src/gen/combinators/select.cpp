// take, skip, step, nth, shard: by position. Of indexed values they are selections of numbers.

#include <algorithm>
#include <charconv>
#include <limits>
#include <vector>

#include "gen/combinators/make.hpp"
#include "gen/indexed.hpp"
#include "gen/stage_arguments.hpp"

namespace mtask::gen {
namespace {

// Of the values from number `first` on every `stride`-th, `count` at most.
struct Selection {
  std::uint64_t first = 0;
  std::uint64_t stride = 1;
  std::optional<std::uint64_t> count;
};

class Select final : public BatchCombinator {
 public:
  Select(StreamPtr upstream, const Selection& selection)
      : BatchCombinator(std::move(upstream)),
        next_(selection.first),
        stride_(selection.stride),
        left_(selection.count) {}

  [[nodiscard]] std::string returned() const override { return done() ? "" : BatchCombinator::returned(); }

 private:
  Result<void> map(Batch& batch) override {
    const std::uint64_t end = at_ + batch.size();
    if (stride_ == 1) {
      const std::uint64_t from = std::clamp(next_, at_, end) - at_;
      std::uint64_t count = batch.size() - from;
      if (left_) count = std::min(count, *left_);
      batch.slice(from, count);
      next_ += count;
      if (left_) *left_ -= count;
    } else {
      chosen_.clear();
      for (; next_ < end && left_ != std::uint64_t{0}; next_ += stride_) {
        chosen_.push_back(static_cast<std::uint32_t>(next_ - at_));
        if (left_) --*left_;
      }
      batch.select(chosen_);
    }
    at_ = end;
    return {};
  }
  [[nodiscard]] std::size_t ask(std::size_t want) const override {
    // What is skipped first is asked for, too; beyond that never more than will be handed out.
    const std::uint64_t before = next_ > at_ ? next_ - at_ : 0;
    const std::uint64_t handed = left_ ? std::min<std::uint64_t>(*left_, want) : want;
    std::uint64_t span = 0;
    if (__builtin_mul_overflow(handed - 1, stride_, &span) || __builtin_add_overflow(span, before + 1, &span)) {
      span = kBatchValues;
    }
    return static_cast<std::size_t>(std::min<std::uint64_t>(span, std::max(want, kBatchValues)));
  }
  [[nodiscard]] bool done() const override { return left_ == std::uint64_t{0}; }

  std::uint64_t next_;  // the number of the next value to hand out
  std::uint64_t stride_;
  std::optional<std::uint64_t> left_;
  std::uint64_t at_ = 0;  // the number of the next value from upstream
  std::vector<std::uint32_t> chosen_;
};

Result<StreamPtr> select(StageArguments& arguments, const Selection& selection) {
  StreamPtr upstream = arguments.take_upstream();
  if (const auto view = upstream->indexed()) {
    return StreamPtr(
        std::make_unique<IndexedStream>(view->selected(selection.first, selection.stride, selection.count)));
  }
  return StreamPtr(std::make_unique<Select>(std::move(upstream), selection));
}

}  // namespace

Result<StreamPtr> make_take(StageArguments& arguments) {
  auto count = arguments.integer(arguments.operands()[0], 0);
  if (!count) return Unexpected(std::move(count).error());
  return select(arguments, {.count = static_cast<std::uint64_t>(*count)});
}

Result<StreamPtr> make_skip(StageArguments& arguments) {
  auto count = arguments.integer(arguments.operands()[0], 0);
  if (!count) return Unexpected(std::move(count).error());
  return select(arguments, {.first = static_cast<std::uint64_t>(*count), .count = std::nullopt});
}

Result<StreamPtr> make_step(StageArguments& arguments) {
  auto stride = arguments.integer(arguments.operands()[0], 1);
  if (!stride) return Unexpected(std::move(stride).error());
  return select(arguments, {.stride = static_cast<std::uint64_t>(*stride), .count = std::nullopt});
}

Result<StreamPtr> make_nth(StageArguments& arguments) {
  auto number = arguments.integer(arguments.operands()[0], 0);
  if (!number) return Unexpected(std::move(number).error());
  return select(arguments, {.first = static_cast<std::uint64_t>(*number), .count = 1});
}

Result<StreamPtr> make_shard(StageArguments& arguments) {
  const Word& word = arguments.operands()[0];
  const std::size_t slash = word.text.find('/');
  std::uint64_t part = 0;
  std::uint64_t parts = 0;
  const auto read = [](std::string_view text, std::uint64_t& number) {
    const auto done = std::from_chars(text.data(), text.data() + text.size(), number);
    return done.ec == std::errc() && done.ptr == text.data() + text.size();
  };
  const std::string_view text = word.text;
  if (slash == std::string::npos || !read(text.substr(0, slash), part) || !read(text.substr(slash + 1), parts)) {
    return Unexpected(arguments.refuse(word, "is not of the form K/N, such as 3/8"));
  }
  if (part < 1 || part > parts || parts > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return Unexpected(arguments.refuse(word, "is no part: K is from 1 to N"));
  }
  return select(arguments, {.first = part - 1, .stride = parts, .count = std::nullopt});
}

}  // namespace mtask::gen
