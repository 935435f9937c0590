#include "gen/indexed.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace mtask::gen {
namespace {

// Of what has no end, numbers may pass all bounds: then they name the last one that there could be, which is none.
constexpr std::uint64_t kBeyond = INT64_MAX;

std::uint64_t capped_sum(std::uint64_t a, std::uint64_t b) {
  std::uint64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? kBeyond : std::min(sum, kBeyond);
}

std::uint64_t capped_product(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? kBeyond : std::min(product, kBeyond);
}

Unexpected beyond() {
  return Unexpected(
      Error{ErrorKind::kItem, {}, "values beyond number " + std::to_string(kBeyond - 1) + " cannot be reached"});
}

}  // namespace

Result<void> Indexed::read_run(std::uint64_t first, std::uint64_t stride, std::size_t count, Batch& out) const {
  std::array<std::uint64_t, kBatchValues> indices;
  count = std::min(count, indices.size());
  for (std::size_t i = 0; i < count; ++i) indices[i] = capped_sum(first, capped_product(stride, i));
  return read(std::span(indices).first(count), out);
}

IndexedView::IndexedView(std::shared_ptr<const Indexed> values) : values_(std::move(values)), size_(values_->size()) {}

IndexedView IndexedView::selected(std::uint64_t first, std::uint64_t stride, std::optional<std::uint64_t> count) const {
  IndexedView view = *this;
  if (size_) {
    const std::uint64_t left = *size_ > first ? (*size_ - first - 1) / stride + 1 : 0;
    view.size_ = count ? std::min(left, *count) : left;
    view.cut_ = cut_ || (count && *count <= left);
  } else {
    view.size_ = count;
    view.cut_ = cut_ || count;
  }
  if (!view.layers_.empty() && !view.layers_.back().order) {
    Layer& top = view.layers_.back();
    top.first = capped_sum(top.first, capped_product(first, top.stride));
    top.stride = capped_product(top.stride, stride);
  } else {
    view.layers_.push_back(Layer{first, stride, nullptr});
  }
  return view;
}

IndexedView IndexedView::shuffled(std::uint64_t seed) const {
  IndexedView view = *this;
  view.layers_.push_back(Layer{0, 1, std::make_shared<const Permutation>(size_.value(), seed)});
  return view;
}

Result<void> IndexedView::read(std::uint64_t at, std::size_t count, Batch& out) const {
  if (size_) count = static_cast<std::size_t>(std::min<std::uint64_t>(count, *size_ - at));
  if (layers_.empty()) return values_->read_run(at, 1, count, out);
  if (layers_.size() == 1 && !layers_.front().order) {
    const Layer& only = layers_.front();
    const std::uint64_t first = capped_sum(only.first, capped_product(only.stride, at));
    if (first == kBeyond) return beyond();
    const std::uint64_t room = (kBeyond - 1 - first) / only.stride + 1;
    count = static_cast<std::size_t>(std::min<std::uint64_t>(count, room));
    return values_->read_run(first, only.stride, count, out);
  }
  std::array<std::uint64_t, kBatchValues> indices;
  const std::span<std::uint64_t> used = std::span(indices).first(std::min(count, indices.size()));
  for (std::size_t i = 0; i < used.size(); ++i) used[i] = at + i;
  for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) {
    if (layer->order) {
      layer->order->apply(used);
    } else {
      for (std::uint64_t& index : used) index = capped_sum(layer->first, capped_product(layer->stride, index));
    }
  }
  // Those that can be named come first, unless shuffled, which what has no end is not.
  const auto end = std::find(used.begin(), used.end(), kBeyond);
  if (end == used.begin()) return beyond();
  return values_->read(used.first(static_cast<std::size_t>(end - used.begin())), out);
}

task<Result<void>> IndexedStream::pull(Batch& out, std::size_t want) {
  out.clear();
  if (view_.size() && at_ == *view_.size()) co_return Result<void>();
  Result<void> read = view_.read(at_, want, out);
  at_ += out.size();
  co_return read;
}

std::unique_ptr<IndexedView> IndexedStream::indexed() const { return std::make_unique<IndexedView>(view_); }

}  // namespace mtask::gen
