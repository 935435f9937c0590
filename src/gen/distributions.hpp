#pragma once
// Random numbers of several distributions, the same on every machine for the same seed: of floating point only +, -, *,
// / and square roots are used, which IEEE 754 rounds exactly, and never contracted (the layer is compiled so). The C
// library's log and exp differ in their last digits from one to another.

#include <cstdint>
#include <optional>
#include <vector>

#include "gen/random.hpp"

namespace mtask::gen {

// The natural logarithm of a finite x > 0, to about one unit in the last place: by the series of artanh((m - 1) / (m +
// 1)).
[[nodiscard]] double portable_log(double x) noexcept;
// e^-x for 0 <= x < 700, to about 2^-40 of it.
[[nodiscard]] double portable_exp_of_minus(double x) noexcept;
// log(n!) for a whole n >= 0.
[[nodiscard]] double portable_log_factorial(double n) noexcept;

// From `low` on, below `high`; low < high, and their difference is finite.
class UniformReal {
 public:
  UniformReal(double low, double high) noexcept : low_(low), high_(high) {}
  double operator()(Random& random) const noexcept;

 private:
  double low_, high_;
};

// The polar method (G. Marsaglia, T. A. Bray: A Convenient Method for Generating Normal Variables, 1964).
class Normal {
 public:
  Normal(double mean, double deviation) noexcept : mean_(mean), deviation_(deviation) {}
  double operator()(Random& random) noexcept;

 private:
  double mean_, deviation_;
  std::optional<double> spare_;  // they come in pairs
};

// By inversion. Its mean is 1 / rate.
class Exponential {
 public:
  explicit Exponential(double rate) noexcept : rate_(rate) {}
  double operator()(Random& random) const noexcept { return -portable_log(1.0 - random.unit()) / rate_; }

 private:
  double rate_;
};

// Below a mean of 10 by multiplication of uniforms (D. E. Knuth, The Art of Computer Programming, 3.4.1), else by
// transformed rejection (W. Hörmann: The Transformed Rejection Method for Generating Poisson Random Variables, 1993,
// PTRS).
class Poisson {
 public:
  static constexpr double kGreatestMean = 1e9;  // beyond, doubles don't have the digits to decide by

  explicit Poisson(double mean) noexcept;  // from 0 to kGreatestMean
  std::int64_t operator()(Random& random) const noexcept;

 private:
  [[nodiscard]] std::int64_t multiplied(Random& random) const noexcept;
  [[nodiscard]] std::int64_t rejected(Random& random) const noexcept;

  double mean_;
  double limit_ = 0;  // e^-mean
  double log_mean_ = 0, a_ = 0, b_ = 0, log_inverse_alpha_ = 0, sure_ = 0;
};

// Numbers from 0 on, each as likely as its weight says. Exact.
class WeightedChoice {
 public:
  // The sum is above 0 and within 63 bits.
  explicit WeightedChoice(const std::vector<std::uint64_t>& weights);
  std::size_t operator()(Random& random) const noexcept;

 private:
  std::vector<std::uint64_t> sums_;
};

}  // namespace mtask::gen
