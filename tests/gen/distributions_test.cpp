// Random values have the distribution they are named after. The seeds are fixed, so nothing here fails by chance.
#include "gen/distributions.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <vector>

namespace {

using namespace mtask::gen;

constexpr int kDraws = 200'000;

struct Moments {
  double mean = 0;
  double variance = 0;
};

Moments moments(const std::function<double()>& draw) {
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double value = draw();
    sum += value;
    squares += value * value;
  }
  const double mean = sum / kDraws;
  return {mean, squares / kDraws - mean * mean};
}

// Chi squared of counts against what is expected of each.
double chi_squared(const std::vector<double>& counts, const std::vector<double>& expected) {
  double sum = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    sum += (counts[i] - expected[i]) * (counts[i] - expected[i]) / expected[i];
  }
  return sum;
}

// What only one of a thousand true samples exceeds (E. B. Wilson, M. M. Hilferty, 1931).
double critical(double degrees) {
  const double part = 2 / (9 * degrees);
  const double root = 1 - part + 3.0902 * std::sqrt(part);
  return degrees * root * root * root;
}

TEST_CASE("the portable functions are those of mathematics") {
  for (double x = 1e-300; x < 1e300; x *= 1.37) {
    INFO(x);
    CHECK(std::abs(portable_log(x) - std::log(x)) <= 4e-16 * std::abs(std::log(x)) + 1e-300);
  }
  for (double x = 0.9; x < 1.1; x += 0.0007) CHECK(std::abs(portable_log(x) - std::log(x)) <= 2.3e-16);
  CHECK(portable_log(1) == 0);
  CHECK(std::isfinite(portable_log(5e-324)));
  for (double x = 0; x < 20; x += 0.13) CHECK(portable_exp_of_minus(x) == Approx(std::exp(-x)).epsilon(1e-12));
  for (double n = 0; n < 200; ++n) {
    CHECK(portable_log_factorial(n) == Approx(std::lgamma(n + 1)).epsilon(1e-14).margin(1e-15));
  }
}

TEST_CASE("a bounded integer is any of them equally often, those of an odd number too") {
  Random random(11);
  std::vector<double> counts(37);
  for (int i = 0; i < kDraws; ++i) ++counts[static_cast<std::size_t>(random.below(37))];
  CHECK(chi_squared(counts, std::vector<double>(37, kDraws / 37.0)) < critical(36));
}

TEST_CASE("uniform reals") {
  Random random(12);
  const UniformReal draw(-3, 5);
  const Moments seen = moments([&] { return draw(random); });
  CHECK(seen.mean == Approx(1).margin(4 * std::sqrt(64 / 12.0 / kDraws)));
  CHECK(seen.variance == Approx(64 / 12.0).epsilon(0.01));
}

TEST_CASE("uniform reals never reach their upper bound, be there one real only below it") {
  Random random(13);
  const double low = 1;
  const double high = std::nextafter(low, 2);
  const UniformReal draw(low, high);
  for (int i = 0; i < 1000; ++i) CHECK(draw(random) == low);
}

TEST_CASE("normal: mean, variance and the share between the tenths of its distribution") {
  Random random(14);
  Normal draw(10, 2);
  // Tenths of the standard normal distribution.
  constexpr std::array<double, 9> kTenths = {-1.2815515655, -0.8416212336, -0.5244005127, -0.2533471031, 0,
                                             0.2533471031,  0.5244005127,  0.8416212336,  1.2815515655};
  std::vector<double> counts(10);
  const Moments seen = moments([&] {
    const double value = draw(random);
    const auto* const at = std::upper_bound(kTenths.begin(), kTenths.end(), (value - 10) / 2);
    ++counts[static_cast<std::size_t>(at - kTenths.begin())];
    return value;
  });
  CHECK(seen.mean == Approx(10).margin(4 * 2 / std::sqrt(kDraws)));
  CHECK(seen.variance == Approx(4).epsilon(0.015));
  CHECK(chi_squared(counts, std::vector<double>(10, kDraws / 10.0)) < critical(9));
}

TEST_CASE("exponential: mean, variance and shares") {
  Random random(15);
  const Exponential draw(4);
  std::vector<double> counts(10);
  const Moments seen = moments([&] {
    const double value = draw(random);
    ++counts[static_cast<std::size_t>(std::min(9.0, std::floor((1 - std::exp(-4 * value)) * 10)))];
    return value;
  });
  CHECK(seen.mean == Approx(0.25).margin(4 * 0.25 / std::sqrt(kDraws)));
  CHECK(seen.variance == Approx(1 / 16.0).epsilon(0.02));
  CHECK(chi_squared(counts, std::vector<double>(10, kDraws / 10.0)) < critical(9));
}

// Each count's share is mean^k e^-mean / k!; those at the ends are put together.
void check_poisson(double mean, std::uint64_t seed) {
  INFO("mean " << mean);
  Random random(seed);
  const Poisson draw(mean);
  const double spread = std::max(3.0, 3 * std::sqrt(mean));
  const double low = std::max(0.0, std::floor(mean - spread));
  const double high = std::ceil(mean + spread);
  std::vector<double> counts(static_cast<std::size_t>(high - low) + 1);
  const Moments seen = moments([&] {
    const auto value = static_cast<double>(draw(random));
    ++counts[static_cast<std::size_t>(std::clamp(value, low, high) - low)];
    return value;
  });
  CHECK(seen.mean == Approx(mean).margin(4 * std::sqrt(mean / kDraws)));
  CHECK(seen.variance == Approx(mean).epsilon(0.03));
  std::vector<double> expected;
  double before = 0;
  for (double k = 0; k < high; ++k) {
    const double share = std::exp(k * std::log(mean) - mean - std::lgamma(k + 1));
    before += share;
    if (k == low) expected.push_back(before * kDraws);
    if (k > low) expected.push_back(share * kDraws);
  }
  expected.push_back((1 - before) * kDraws);
  CHECK(chi_squared(counts, expected) < critical(static_cast<double>(counts.size()) - 1));
}

TEST_CASE("poisson: mean, variance and the share of each count, by both methods") {
  check_poisson(0.7, 16);
  check_poisson(9.9, 17);
  check_poisson(10, 18);
  check_poisson(43.5, 19);
  check_poisson(1000, 20);
}

TEST_CASE("poisson: no mean, no count; the greatest mean is hit") {
  Random random(21);
  CHECK(Poisson(0)(random) == 0);
  const Poisson draw(Poisson::kGreatestMean);
  for (int i = 0; i < 1000; ++i) CHECK(std::abs(static_cast<double>(draw(random)) - 1e9) < 6 * std::sqrt(1e9));
}

TEST_CASE("a choice goes by the weights, and what has none is never chosen") {
  Random random(22);
  const WeightedChoice choose({1, 0, 2, 5, 0});
  std::vector<double> counts(5);
  for (int i = 0; i < kDraws; ++i) ++counts[choose(random)];
  CHECK(counts[1] == 0);
  CHECK(counts[4] == 0);
  const double each = kDraws / 8.0;
  CHECK(chi_squared({counts[0], counts[2], counts[3]}, {each, 2 * each, 5 * each}) < critical(2));
}

}  // namespace
