// filter, until, map, flatmap: by an expression.

#include <algorithm>
#include <utility>
#include <vector>

#include "gen/combinators/make.hpp"
#include "gen/lua/expression.hpp"
#include "mtask/sleep.hpp"

namespace mtask::gen {
namespace {

class Filter final : public BatchCombinator {
 public:
  Filter(StreamPtr upstream, Expression expression)
      : BatchCombinator(std::move(upstream)), expression_(std::move(expression)) {}

 private:
  Result<void> map(Batch& batch) override {
    auto chosen = expression_.choose(batch, positions_);
    batch.select(positions_);
    return chosen;
  }
  [[nodiscard]] std::size_t ask(std::size_t want) const override { return std::min(want, expression_.at_once()); }

  Expression expression_;
  std::vector<std::uint32_t> positions_;
};

class Until final : public BatchCombinator {
 public:
  Until(StreamPtr upstream, Expression expression, bool inclusive)
      : BatchCombinator(std::move(upstream)), expression_(std::move(expression)), inclusive_(inclusive) {}

  [[nodiscard]] std::string returned() const override { return found_ ? "" : BatchCombinator::returned(); }

 private:
  Result<void> map(Batch& batch) override {
    auto chosen = expression_.choose(batch, positions_);
    if (!positions_.empty()) {
      const bool keeps_it = inclusive_ && chosen;
      batch.slice(0, positions_.front() + (keeps_it ? 1 : 0));
      found_ = chosen.has_value();
    }
    return chosen;
  }
  [[nodiscard]] std::size_t ask(std::size_t want) const override { return std::min(want, expression_.at_once()); }
  [[nodiscard]] bool done() const override { return found_; }

  Expression expression_;
  bool inclusive_;
  bool found_ = false;
  std::vector<std::uint32_t> positions_;
};

class Map final : public BatchCombinator {
 public:
  Map(StreamPtr upstream, Expression expression)
      : BatchCombinator(std::move(upstream)), expression_(std::move(expression)) {}

 private:
  Result<void> map(Batch& batch) override { return expression_.map(batch, false); }
  [[nodiscard]] std::size_t ask(std::size_t want) const override { return std::min(want, expression_.at_once()); }

  Expression expression_;
};

// A value may become many: what is more than was asked for waits here.
class FlatMap final : public Combinator {
 public:
  FlatMap(StreamPtr upstream, Expression expression)
      : Combinator(std::move(upstream)), expression_(std::move(expression)) {}

  [[nodiscard]] task<Result<void>> pull(Batch& out, std::size_t want) override {
    out.clear();
    while (at_ == waiting_.size()) {
      if (pending_) co_return Unexpected(std::move(*pending_));
      at_ = 0;
      Result<void> pulled = co_await upstream().pull(waiting_, std::min(want, expression_.at_once()));
      if (!pulled || waiting_.empty()) co_return pulled;
      Result<void> mapped = expression_.map(waiting_, true);
      if (!mapped) pending_ = std::move(mapped).error();
      if (waiting_.empty()) co_await yield();  // so that a signal is seen
    }
    for (; at_ < waiting_.size() && out.size() < want; ++at_) out.append(waiting_, at_);
    co_return Result<void>();
  }

 private:
  Expression expression_;
  Batch waiting_;
  std::size_t at_ = 0;
  std::optional<Error> pending_;
};

template <class Stage, class... More>
Result<StreamPtr> make(StageArguments& arguments, Expression::Use use, More... more) {
  auto expression = Expression::compile(arguments, arguments.operands()[0], use);
  if (!expression) return Unexpected(std::move(expression).error());
  return StreamPtr(std::make_unique<Stage>(arguments.take_upstream(), std::move(*expression), more...));
}

}  // namespace

Result<StreamPtr> make_filter(StageArguments& arguments) { return make<Filter>(arguments, Expression::Use::kChoose); }

Result<StreamPtr> make_until(StageArguments& arguments) {
  return make<Until>(arguments, Expression::Use::kFind, arguments.has("inclusive"));
}

Result<StreamPtr> make_map(StageArguments& arguments) { return make<Map>(arguments, Expression::Use::kMap); }

Result<StreamPtr> make_flatmap(StageArguments& arguments) { return make<FlatMap>(arguments, Expression::Use::kMap); }

}  // namespace mtask::gen
