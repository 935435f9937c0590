// reduce, count, sum, min, max: one value of all.

#include <cmath>
#include <utility>

#include "gen/combinators/make.hpp"
#include "gen/indexed.hpp"
#include "gen/lua/expression.hpp"
#include "gen/number.hpp"
#include "gen/sources/list.hpp"
#include "gen/totals.hpp"
#include "mtask/sleep.hpp"

namespace mtask::gen {
namespace {

// Takes all values, then hands out what they come to.
class Fold : public Combinator {
 public:
  using Combinator::Combinator;

  [[nodiscard]] task<Result<void>> pull(Batch& out, std::size_t /*want*/) override {
    out.clear();
    if (given_) co_return Result<void>();
    given_ = true;
    Batch batch;
    for (;;) {
      Result<void> pulled = co_await upstream().pull(batch, kBatchValues * 8);
      if (pulled && !batch.empty()) pulled = add(batch);
      if (!pulled) co_return pulled;
      if (batch.empty()) break;
      co_await yield();  // so that a signal is seen
    }
    co_return finish(out);
  }

 protected:
  [[nodiscard]] virtual Result<void> add(Batch& batch) = 0;
  [[nodiscard]] virtual Result<void> finish(Batch& out) = 0;

 private:
  bool given_ = false;
};

class Count final : public Fold {
 public:
  using Fold::Fold;

 private:
  Result<void> add(Batch& batch) override {
    count_ += static_cast<std::int64_t>(batch.size());
    return {};
  }
  Result<void> finish(Batch& out) override {
    out.start_exact(0).push_back(count_);
    return {};
  }

  std::int64_t count_ = 0;
};

class Sum final : public Fold {
 public:
  using Fold::Fold;

 private:
  Result<void> add(Batch& batch) override { return total_.add(batch); }
  Result<void> finish(Batch& out) override {
    out.start_rows();
    out.add_text(total_.text(), true);
    return {};
  }

  Total total_;
};

class Extreme final : public Fold {
 public:
  Extreme(StreamPtr upstream, bool least) : Fold(std::move(upstream)), least_(least) {}

 private:
  Result<void> add(Batch& batch) override {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const bool better =
          best_.empty() || (least_ ? compare_values(batch, i, best_, 0) < 0 : compare_values(batch, i, best_, 0) > 0);
      if (!better) continue;
      best_.clear();
      best_.append(batch, i);
    }
    return {};
  }
  Result<void> finish(Batch& out) override {
    if (best_.empty()) {
      return Unexpected(
          Error{ErrorKind::kItem, {}, std::string(least_ ? "min" : "max") + ": there is no value to choose from"});
    }
    std::swap(out, best_);
    return {};
  }

  bool least_;
  Batch best_;
};

class Reduce final : public Fold {
 public:
  Reduce(StreamPtr upstream, Expression expression, bool started)
      : Fold(std::move(upstream)), expression_(std::move(expression)), started_(started) {}

 private:
  Result<void> add(Batch& batch) override {
    const std::size_t from = started_ ? 0 : 1;
    if (!started_) expression_.start(batch, 0);
    started_ = true;
    return expression_.reduce(batch, from);
  }
  Result<void> finish(Batch& out) override {
    if (!started_) {
      return Unexpected(Error{ErrorKind::kItem, {}, "reduce: there is no value to begin with; --init gives one"});
    }
    return expression_.result(out);
  }

  Expression expression_;
  bool started_;
};

Result<StreamPtr> make_extreme(StageArguments& arguments, bool least) {
  auto upstream = arguments.take_finite_upstream();
  if (!upstream) return upstream;
  return StreamPtr(std::make_unique<Extreme>(std::move(*upstream), least));
}

}  // namespace

Result<StreamPtr> make_count(StageArguments& arguments) {
  auto upstream = arguments.take_finite_upstream();
  if (!upstream) return upstream;
  const auto view = (*upstream)->indexed();
  if (!view) return StreamPtr(std::make_unique<Count>(std::move(*upstream)));
  Batch known;
  known.start_exact(0).push_back(static_cast<std::int64_t>(view->size().value()));
  return StreamPtr(std::make_unique<IndexedStream>(IndexedView(std::make_shared<const List>(std::move(known)))));
}

Result<StreamPtr> make_sum(StageArguments& arguments) {
  auto upstream = arguments.take_finite_upstream();
  if (!upstream) return upstream;
  return StreamPtr(std::make_unique<Sum>(std::move(*upstream)));
}

Result<StreamPtr> make_min(StageArguments& arguments) { return make_extreme(arguments, true); }

Result<StreamPtr> make_max(StageArguments& arguments) { return make_extreme(arguments, false); }

Result<StreamPtr> make_reduce(StageArguments& arguments) {
  auto expression = Expression::compile(arguments, arguments.operands()[0], Expression::Use::kReduce);
  if (!expression) return Unexpected(std::move(expression).error());
  const Word* const first = arguments.find("init");
  if (first != nullptr) expression->start(first->text);
  auto upstream = arguments.take_finite_upstream();
  if (!upstream) return upstream;
  return StreamPtr(std::make_unique<Reduce>(std::move(*upstream), std::move(*expression), first != nullptr));
}

}  // namespace mtask::gen
