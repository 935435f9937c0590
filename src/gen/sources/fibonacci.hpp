#pragma once
// The Fibonacci numbers 0 1 1 2 3 …, of any size, by GMP.

#include <cstdint>
#include <optional>
#include <span>

#include "gen/indexed.hpp"

namespace mtask::gen {

// Those within 64 bits come as exact numbers, the others as rows of one number. Any number costs about what writing it
// out in decimal does, without those before it (GMP's doubling).
class Fibonacci final : public Indexed {
 public:
  explicit Fibonacci(std::optional<std::uint64_t> count) : count_(count) {}
  [[nodiscard]] std::optional<std::uint64_t> size() const override { return count_; }
  [[nodiscard]] Result<void> read(std::span<const std::uint64_t> indices, Batch& out) const override;

 private:
  std::optional<std::uint64_t> count_;
};

}  // namespace mtask::gen
