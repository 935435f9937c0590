#include "gen/distributions.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace mtask::gen {
namespace {

// 1/3, 1/5, 1/7 … 1/27.
constexpr std::array<double, 13> kOdd = [] {
  std::array<double, 13> inverses{};
  for (std::size_t i = 0; i < inverses.size(); ++i) inverses[i] = 1.0 / static_cast<double>(2 * i + 3);
  return inverses;
}();

}  // namespace

double portable_log(double x) noexcept {
  int exponent = 0;
  double m = std::frexp(x, &exponent);
  if (m < 0x1.6a09e667f3bcdp-1) {  // the root of 1/2
    m *= 2;
    --exponent;
  }
  const double s = (m - 1) / (m + 1);
  const double z = s * s;
  double series = 0;
  for (std::size_t i = kOdd.size(); i-- > 0;) series = (series + kOdd[i]) * z;
  // log 2 in two parts, the first of few digits, so that its product is exact.
  constexpr double kLog2High = 0x1.62e42fefap-1;
  constexpr double kLog2Low = 0x1.cf79abc9e3b39p-40;
  const double e = exponent;
  return e * kLog2High + (2 * s + (2 * s * series + e * kLog2Low));
}

double portable_exp_of_minus(double x) noexcept {
  const double small = x * 0x1p-10;
  double sum = 1;
  for (int i = 18; i > 0; --i) sum = 1 - small * sum / i;
  for (int i = 0; i < 10; ++i) sum *= sum;
  return sum;
}

double portable_log_factorial(double n) noexcept {
  if (n < 16) {
    double product = 1;
    for (double i = 2; i <= n; ++i) product *= i;
    return portable_log(product);
  }
  // Stirling's series; its first term left out is below 2^-51 of the result.
  constexpr double kHalfLogOfTwoPi = 0x1.d67f1c864beb5p-1;
  const double inverse = 1 / n;
  const double square = inverse * inverse;
  const double series = inverse * (1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1260 - square * (1.0 / 1680))));
  return (n + 0.5) * portable_log(n) - n + kHalfLogOfTwoPi + series;
}

double UniformReal::operator()(Random& random) const noexcept {
  for (;;) {
    const double value = low_ + (high_ - low_) * random.unit();
    if (value < high_) return value;  // rounding can reach it
  }
}

double Normal::operator()(Random& random) noexcept {
  if (spare_) {
    const double value = *spare_;
    spare_.reset();
    return mean_ + deviation_ * value;
  }
  for (;;) {
    const double u = 2 * random.unit() - 1;
    const double v = 2 * random.unit() - 1;
    const double s = u * u + v * v;
    if (s >= 1 || s <= 0) continue;
    const double factor = std::sqrt(-2 * portable_log(s) / s);
    spare_ = v * factor;
    return mean_ + deviation_ * (u * factor);
  }
}

Poisson::Poisson(double mean) noexcept : mean_(mean) {
  if (mean < 10) {
    limit_ = portable_exp_of_minus(mean);
    return;
  }
  log_mean_ = portable_log(mean);
  b_ = 0.931 + 2.53 * std::sqrt(mean);
  a_ = -0.059 + 0.02483 * b_;
  log_inverse_alpha_ = portable_log(1.1239 + 1.1328 / (b_ - 3.4));
  sure_ = 0.9277 - 3.6224 / (b_ - 2);
}

std::int64_t Poisson::operator()(Random& random) const noexcept {
  return mean_ < 10 ? multiplied(random) : rejected(random);
}

std::int64_t Poisson::multiplied(Random& random) const noexcept {
  std::int64_t count = 0;
  for (double product = random.unit(); product > limit_; product *= random.unit()) ++count;
  return count;
}

std::int64_t Poisson::rejected(Random& random) const noexcept {
  for (;;) {
    const double u = random.unit() - 0.5;
    const double v = 1 - random.unit();  // never 0
    const double us = 0.5 - std::abs(u);
    if (us <= 0) continue;
    const double k = std::floor((2 * a_ / us + b_) * u + mean_ + 0.43);
    if (us >= 0.07 && v <= sure_) return static_cast<std::int64_t>(k);
    if (k < 0 || k > 0x1p62 || (us < 0.013 && v > us)) continue;
    const double left = portable_log(v) + log_inverse_alpha_ - portable_log(a_ / (us * us) + b_);
    if (left <= k * log_mean_ - mean_ - portable_log_factorial(k)) return static_cast<std::int64_t>(k);
  }
}

WeightedChoice::WeightedChoice(const std::vector<std::uint64_t>& weights) {
  std::uint64_t sum = 0;
  for (const std::uint64_t weight : weights) sums_.push_back(sum += weight);
}

std::size_t WeightedChoice::operator()(Random& random) const noexcept {
  const std::uint64_t drawn = random.below(sums_.back());
  return static_cast<std::size_t>(std::upper_bound(sums_.begin(), sums_.end(), drawn) - sums_.begin());
}

}  // namespace mtask::gen
