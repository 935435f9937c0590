#pragma once
// A random permutation of 0 … size - 1 in constant memory: a keyed Feistel network over the next even number of bits,
// walked along its cycle until it is within the size (J. Black, P. Rogaway: Ciphers with Arbitrary Finite Domains,
// 2002). The same seed gives the same order on every machine. Not for secrets.

#include <array>
#include <cstdint>
#include <span>

namespace mtask::gen {

class Permutation {
 public:
  Permutation(std::uint64_t size, std::uint64_t seed);  // size at most 2^63

  // Where `index` (below size) goes.
  [[nodiscard]] std::uint64_t operator()(std::uint64_t index) const noexcept;
  void apply(std::span<std::uint64_t> indices) const noexcept;

 private:
  static constexpr int kRounds = 6;
  std::uint64_t size_;
  unsigned half_bits_;
  std::uint64_t mask_;
  std::array<std::uint64_t, kRounds> keys_;
};

}  // namespace mtask::gen
