#pragma once
// Arithmetic progressions of exact decimals.

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "gen/indexed.hpp"

namespace mtask::gen {

class Range final : public Indexed {
 public:
  // first, first + step, …: `count` values, or without an end; units of 10^-scale. `step` is not 0. The values of a
  // range that ends are within 64 bits; of another, reading beyond them fails.
  Range(std::int64_t first, std::int64_t step, unsigned scale, std::optional<std::uint64_t> count)
      : first_(first), step_(step), scale_(scale), count_(count) {}

  [[nodiscard]] std::optional<std::uint64_t> size() const override { return count_; }
  [[nodiscard]] Result<void> read(std::span<const std::uint64_t> indices, Batch& out) const override;
  [[nodiscard]] Result<void> read_run(std::uint64_t first, std::uint64_t stride, std::size_t count,
                                      Batch& out) const override;

 private:
  std::int64_t first_;
  std::int64_t step_;
  unsigned scale_;
  std::optional<std::uint64_t> count_;
};

}  // namespace mtask::gen
