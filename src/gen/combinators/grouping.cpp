// window, batch: several values become one of several fields.

#include <utility>

#include "gen/combinators/make.hpp"
#include "gen/stage_arguments.hpp"
#include "mtask/sleep.hpp"

namespace mtask::gen {
namespace {

// Rows of `size` values, each row `stride` values after the one before. A rest that fills no row is one where
// `keeps_rest`.
class Grouping final : public Combinator {
 public:
  Grouping(StreamPtr upstream, std::size_t size, std::size_t stride, bool keeps_rest)
      : Combinator(std::move(upstream)), size_(size), stride_(stride), keeps_rest_(keeps_rest) {}

  [[nodiscard]] task<Result<void>> pull(Batch& out, std::size_t want) override {
    out.start_rows();
    while (out.empty()) {
      if (ended_ || pending_) {
        if (held_.size() > skip_ && keeps_rest_) {
          add_row(out, skip_, held_.size());
          held_.clear();
          break;
        }
        if (pending_) co_return Unexpected(std::move(*pending_));
        break;
      }
      Result<void> pulled = co_await upstream().pull(fresh_, ask(want));
      if (!pulled) pending_ = std::move(pulled).error();
      ended_ = pulled && fresh_.empty();
      if (pending_ || ended_) continue;
      for (std::size_t i = 0; i < fresh_.size(); ++i) held_.append(fresh_, i);
      std::size_t at = skip_;
      for (; at + size_ <= held_.size(); at += stride_) add_row(out, at, at + size_);
      drop(at);
      if (out.empty()) co_await yield();  // so that a signal is seen
    }
    co_return Result<void>();
  }

 private:
  // What completes `want` rows and not one more.
  [[nodiscard]] std::size_t ask(std::size_t want) const {
    const std::size_t needed = skip_ + size_ + (std::min(want, kBatchValues) - 1) * stride_;
    return needed > held_.size() ? std::min(needed - held_.size(), std::max(size_, kBatchValues)) : 1;
  }
  void add_row(Batch& out, std::size_t from, std::size_t to) const {
    for (std::size_t i = from; i < to; ++i) out.add_fields(held_, i);
    out.end_row();
  }
  // Forgets what is before the next row; with a stride beyond the size that may be values yet to come.
  void drop(std::size_t at) {
    const std::size_t gone = std::min(at, held_.size());
    held_.slice(gone, held_.size() - gone);
    skip_ = at - gone;
  }

  std::size_t size_;
  std::size_t stride_;
  bool keeps_rest_;
  Batch held_;
  Batch fresh_;
  std::size_t skip_ = 0;  // values of held_, and after it, that belong to no row
  bool ended_ = false;
  std::optional<Error> pending_;
};

constexpr std::int64_t kMostValues = 1 << 24;

}  // namespace

Result<StreamPtr> make_window(StageArguments& arguments) {
  auto size = arguments.integer(arguments.operands()[0], 1, kMostValues);
  if (!size) return Unexpected(std::move(size).error());
  auto stride = arguments.integer_option("step", 1);
  if (!stride) return Unexpected(std::move(stride).error());
  return StreamPtr(std::make_unique<Grouping>(arguments.take_upstream(), static_cast<std::size_t>(*size),
                                              static_cast<std::size_t>(stride->value_or(1)), false));
}

Result<StreamPtr> make_batch(StageArguments& arguments) {
  auto size = arguments.integer(arguments.operands()[0], 1, kMostValues);
  if (!size) return Unexpected(std::move(size).error());
  const auto count = static_cast<std::size_t>(*size);
  return StreamPtr(std::make_unique<Grouping>(arguments.take_upstream(), count, count, true));
}

}  // namespace mtask::gen
