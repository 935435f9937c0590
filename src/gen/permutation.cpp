#include "gen/permutation.hpp"

#include <bit>

#include "gen/random.hpp"

namespace mtask::gen {

Permutation::Permutation(std::uint64_t size, std::uint64_t seed) : size_(size), keys_{} {
  const auto bits = static_cast<unsigned>(std::bit_width(size > 1 ? size - 1 : 1));
  half_bits_ = (bits + 1) / 2;
  mask_ = (std::uint64_t{1} << half_bits_) - 1;
  SplitMix64 keys(seed);
  for (std::uint64_t& key : keys_) key = keys();
}

std::uint64_t Permutation::operator()(std::uint64_t index) const noexcept {
  do {
    std::uint64_t left = index >> half_bits_;
    std::uint64_t right = index & mask_;
    for (const std::uint64_t key : keys_) {
      // The high half of a product: its bits depend on all of the factor's.
      const auto product = static_cast<Uint128>((right + 1) ^ key) * ((key << 1U) | 1U);
      const std::uint64_t mixed = static_cast<std::uint64_t>(product >> 64U) ^ static_cast<std::uint64_t>(product);
      const std::uint64_t next = left ^ ((mixed ^ (mixed >> 29U)) & mask_);
      left = right;
      right = next;
    }
    index = (left << half_bits_) | right;
  } while (index >= size_);
  return index;
}

void Permutation::apply(std::span<std::uint64_t> indices) const noexcept {
  for (std::uint64_t& index : indices) index = (*this)(index);
}

}  // namespace mtask::gen
