#pragma once
// Random numbers that are the same on every machine for the same seed: neither the standard's distributions nor the C
// library's functions are. Not for secrets.

#include <cstdint>

#include "gen/wide.hpp"

namespace mtask::gen {

// Spreads a seed over many (G. Steele, D. Lea, C. Flood: Fast Splittable Pseudorandom Number Generators, 2014).
class SplitMix64 {
 public:
  explicit SplitMix64(std::uint64_t seed) noexcept : state_(seed) {}
  std::uint64_t operator()() noexcept {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }

 private:
  std::uint64_t state_;
};

// xoshiro256++ (D. Blackman, S. Vigna: Scrambled Linear Pseudorandom Number Generators, 2021).
class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept {
    SplitMix64 states(seed);
    for (std::uint64_t& state : state_) state = states();
  }

  std::uint64_t operator()() noexcept {
    const std::uint64_t result = rotated(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t t = state_[1] << 17U;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = rotated(state_[3], 45);
    return result;
  }

  // From 0 to bound - 1, all equally likely (D. Lemire: Fast Random Integer Generation in an Interval, 2019); 0: all 64
  // bits.
  std::uint64_t below(std::uint64_t bound) noexcept {
    if (bound == 0) return (*this)();
    auto product = static_cast<Uint128>((*this)()) * bound;
    if (static_cast<std::uint64_t>(product) < bound) {
      const std::uint64_t threshold = (0 - bound) % bound;
      while (static_cast<std::uint64_t>(product) < threshold) {
        product = static_cast<Uint128>((*this)()) * bound;
      }
    }
    return static_cast<std::uint64_t>(product >> 64U);
  }

  // From 0 on, below 1: a multiple of 2^-53.
  double unit() noexcept { return static_cast<double>((*this)() >> 11U) * 0x1p-53; }

 private:
  static std::uint64_t rotated(std::uint64_t x, unsigned by) noexcept { return (x << by) | (x >> (64U - by)); }
  std::uint64_t state_[4]{};
};

// A seed from the system, for those who name none.
[[nodiscard]] std::uint64_t system_seed();

}  // namespace mtask::gen
