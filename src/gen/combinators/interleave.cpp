// interleave: strictly in turns. merge: as they come.

#include <optional>
#include <utility>

#include "gen/combinators/inputs.hpp"
#include "gen/combinators/make.hpp"
#include "gen/stage_arguments.hpp"

namespace mtask::gen {
namespace {

// One that ends leaves the round.
class Interleave final : public Stream {
 public:
  explicit Interleave(Inputs inputs) : inputs_(std::move(inputs)) {}

  [[nodiscard]] task<Result<void>> pull(Batch& out, std::size_t want) override {
    out.clear();
    if (inputs_.live() || inputs_.traced()) want = 1;
    inputs_.ask_all(want);
    for (std::size_t made = 0; made < want;) {
      if (inputs_.left(turn_) == 0 && !inputs_.ended(turn_)) {
        // Its share, rounded up as it is the first.
        const std::size_t round = inputs_.open() == 0 ? 1 : inputs_.open();
        co_await inputs_.fetch(turn_, (want - made + round - 1) / round);
      }
      if (inputs_.left(turn_) > 0) {
        inputs_.hand_over(turn_);
        out.append(inputs_.batch(turn_), inputs_.at(turn_));
        inputs_.drop(turn_, 1);
        ++made;
      } else if (Result<void> failed = inputs_.failure(turn_); !failed) {
        if (made > 0) break;
        co_return failed;
      } else if (all_taken()) {
        break;
      }
      turn_ = (turn_ + 1) % inputs_.size();
    }
    co_return Result<void>();
  }

  [[nodiscard]] task<void> close() override { return inputs_.close(); }
  [[nodiscard]] bool live() const override { return inputs_.live(); }

 private:
  [[nodiscard]] bool all_taken() const {
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      if (inputs_.left(i) > 0 || !inputs_.ended(i)) return false;
    }
    return true;
  }

  Inputs inputs_;
  std::size_t turn_ = 0;
};

class Merge final : public Stream {
 public:
  explicit Merge(Inputs inputs) : inputs_(std::move(inputs)) {}

  [[nodiscard]] task<Result<void>> pull(Batch& out, std::size_t want) override {
    out.clear();
    want = inputs_.traced() ? 1 : std::min(want, kBatchValues);
    inputs_.ask_all(want);
    const auto index = co_await next(want);
    if (!index) co_return Result<void>();
    Result<void> failed = inputs_.failure(*index);
    if (!failed) co_return failed;
    inputs_.hand_over(*index);
    inputs_.take(*index, out, want);
    co_return Result<void>();
  }

  [[nodiscard]] task<void> close() override { return inputs_.close(); }
  [[nodiscard]] bool live() const override { return inputs_.live(); }

 private:
  // Where none is live, all are always ready: a batch of each in turn.
  task<std::optional<std::size_t>> next(std::size_t want) {
    if (inputs_.live()) co_return co_await inputs_.first_come();
    for (std::size_t tried = 0; tried < inputs_.size(); ++tried) {
      const std::size_t index = turn_;
      co_await inputs_.fetch(index, want);
      const bool has_failed = !inputs_.failure(index);
      if (inputs_.left(index) <= want) turn_ = (turn_ + 1) % inputs_.size();
      if (inputs_.left(index) > 0 || has_failed) co_return index;
    }
    co_return std::optional<std::size_t>();
  }

  Inputs inputs_;
  std::size_t turn_ = 0;
};

}  // namespace

Result<StreamPtr> make_interleave(StageArguments& arguments) {
  auto inputs = Inputs::read(arguments, "interleave");
  if (!inputs) return Unexpected(std::move(inputs).error());
  return StreamPtr(std::make_unique<Interleave>(*std::move(inputs)));
}

Result<StreamPtr> make_merge(StageArguments& arguments) {
  auto inputs = Inputs::read(arguments, "merge");
  if (!inputs) return Unexpected(std::move(inputs).error());
  return StreamPtr(std::make_unique<Merge>(*std::move(inputs)));
}

}  // namespace mtask::gen
