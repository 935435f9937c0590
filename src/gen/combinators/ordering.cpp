// shuffle, sort: all values in another order.

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "gen/combinators/make.hpp"
#include "gen/indexed.hpp"
#include "gen/random.hpp"
#include "gen/sorter.hpp"
#include "gen/stage_arguments.hpp"
#include "gen/totals.hpp"
#include "mtask/sleep.hpp"

namespace mtask::gen {
namespace {

// Takes all values into a sorter, then hands them out.
class Ordering : public Combinator {
 public:
  Ordering(StreamPtr upstream, Sorter sorter) : Combinator(std::move(upstream)), sorter_(std::move(sorter)) {}

  [[nodiscard]] task<Result<void>> pull(Batch& out, std::size_t want) override {
    out.clear();
    if (!taken_) {
      Result<void> taken = co_await take_all();
      if (!taken) co_return taken;
      taken_ = true;
    }
    out.start_rows();
    for (const std::size_t most = std::min(want, kBatchValues); out.size() < most;) {
      Result<bool> more = sorter_.next(out);
      if (!more) co_return Unexpected(std::move(more).error());
      if (!*more) break;
    }
    co_return Result<void>();
  }

 protected:
  [[nodiscard]] virtual std::uint64_t key(const Batch& batch, std::size_t index) = 0;

 private:
  task<Result<void>> take_all() {
    Batch batch;
    for (;;) {
      Result<void> pulled = co_await upstream().pull(batch, kBatchValues);
      if (!pulled) co_return pulled;
      if (batch.empty()) break;
      for (std::size_t i = 0; i < batch.size(); ++i) {
        Result<void> added = sorter_.add(batch, i, key(batch, i));
        if (!added) co_return added;
      }
      co_await yield();  // so that a signal is seen
    }
    co_return sorter_.finish();
  }

  Sorter sorter_;
  bool taken_ = false;
};

class Shuffle final : public Ordering {
 public:
  Shuffle(StreamPtr upstream, Sorter sorter, std::uint64_t seed)
      : Ordering(std::move(upstream), std::move(sorter)), random_(seed) {}

 private:
  std::uint64_t key(const Batch& /*batch*/, std::size_t /*index*/) override { return random_(); }

  Random random_;
};

struct SortOrder {
  std::size_t field = 0;
  bool one_field = false;
  bool reverse = false;
};

class Sort final : public Ordering {
 public:
  Sort(StreamPtr upstream, Sorter sorter, const SortOrder& order)
      : Ordering(std::move(upstream), std::move(sorter)), order_(order) {}

 private:
  std::uint64_t key(const Batch& batch, std::size_t index) override {
    const std::uint64_t rising = sort_key(batch, index, order_.field);
    return order_.reverse ? ~rising : rising;
  }

  SortOrder order_;
};

int compare_for(const SortOrder& order, const Batch& a, const Batch& b) {
  int result = 0;
  if (order.one_field) {
    const auto field = [&](const Batch& batch) {
      return order.field < batch.field_count(0) ? batch.row_field(0, order.field) : std::string_view();
    };
    result = compare_texts(field(a), field(b));
  } else {
    result = compare_values(a, 0, b, 0);
  }
  return order.reverse ? -result : result;
}

}  // namespace

Result<StreamPtr> make_shuffle(StageArguments& arguments) {
  auto seed = arguments.seed();
  if (!seed) return Unexpected(std::move(seed).error());
  auto upstream = arguments.take_finite_upstream();
  if (!upstream) return upstream;
  if (const auto view = (*upstream)->indexed()) {
    return StreamPtr(std::make_unique<IndexedStream>(view->shuffled(*seed)));
  }
  const Runtime& runtime = arguments.runtime();
  return StreamPtr(
      std::make_unique<Shuffle>(std::move(*upstream), Sorter(runtime.memory, runtime.tmpdir, nullptr), *seed));
}

Result<StreamPtr> make_sort(StageArguments& arguments) {
  auto field = arguments.integer_option("key", 1);
  if (!field) return Unexpected(std::move(field).error());
  SortOrder order;
  order.one_field = field->has_value();
  order.field = static_cast<std::size_t>(field->value_or(1) - 1);
  order.reverse = arguments.has("reverse");
  const Runtime& runtime = arguments.runtime();
  Sorter sorter(runtime.memory, runtime.tmpdir,
                [order](const Batch& a, const Batch& b) { return compare_for(order, a, b); });
  auto upstream = arguments.take_finite_upstream();
  if (!upstream) return upstream;
  return StreamPtr(std::make_unique<Sort>(std::move(*upstream), std::move(sorter), order));
}

}  // namespace mtask::gen
