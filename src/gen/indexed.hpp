#pragma once
// Streams whose values can be had by their numbers: ranges, products, permutations, combinations, lists. take, skip,
// step, shard, nth and shuffle of one are one again, so that a thousand values of a shuffled 10^12 cost a thousand.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gen/batch.hpp"
#include "gen/permutation.hpp"
#include "gen/stream.hpp"
#include "mtask/result.hpp"

namespace mtask::gen {

// Values by number. Immutable, so that several views share one.
class Indexed {
 public:
  virtual ~Indexed() = default;

  // Nothing: there is no end, or it is beyond 2^63 - 1.
  [[nodiscard]] virtual std::optional<std::uint64_t> size() const = 0;
  // Replaces `out` by the values at `indices`, all below size(). May hand out fewer, at least one. An error concerns
  // the first index alone.
  [[nodiscard]] virtual Result<void> read(std::span<const std::uint64_t> indices, Batch& out) const = 0;
  // The values first, first + stride, …: up to `count`, at least one.
  [[nodiscard]] virtual Result<void> read_run(std::uint64_t first, std::uint64_t stride, std::size_t count,
                                              Batch& out) const;
};

// Indexed values seen through a chain of selections. Cheap to copy.
class IndexedView {
 public:
  explicit IndexedView(std::shared_ptr<const Indexed> values);

  [[nodiscard]] std::optional<std::uint64_t> size() const noexcept { return size_; }
  // A selection ended it: what is beyond its last value was not looked at.
  [[nodiscard]] bool cut() const noexcept { return cut_; }
  // The values first, first + stride, …, at most `count` of them.
  [[nodiscard]] IndexedView selected(std::uint64_t first, std::uint64_t stride,
                                     std::optional<std::uint64_t> count) const;
  // In the order of a random permutation. Its size must be known.
  [[nodiscard]] IndexedView shuffled(std::uint64_t seed) const;

  // Replaces `out` by values from number `at` on, at least one and at most `count`.
  [[nodiscard]] Result<void> read(std::uint64_t at, std::size_t count, Batch& out) const;

 private:
  // Number i here is number first + stride * i of what is below, after `order` where there is one.
  struct Layer {
    std::uint64_t first = 0;
    std::uint64_t stride = 1;
    std::shared_ptr<const Permutation> order;
  };
  std::shared_ptr<const Indexed> values_;
  std::vector<Layer> layers_;  // the lowest first
  std::optional<std::uint64_t> size_;
  bool cut_ = false;
};

// Hands out a view from its first value to its last.
class IndexedStream final : public Source {
 public:
  explicit IndexedStream(IndexedView view) : view_(std::move(view)) {}
  [[nodiscard]] task<Result<void>> pull(Batch& out, std::size_t want) override;
  [[nodiscard]] std::unique_ptr<IndexedView> indexed() const override;
  [[nodiscard]] std::string returned() const override { return view_.cut() ? "" : "ok"; }

 private:
  IndexedView view_;
  std::uint64_t at_ = 0;
};

}  // namespace mtask::gen
