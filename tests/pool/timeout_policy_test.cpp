#include "pool/timeout_policy.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>
#include <string>
#include <vector>

using namespace mtask;
using namespace std::chrono_literals;
using pool::Milliseconds;
using pool::TimeoutPolicy;

namespace {

pool::Timeout share(double percent) {
  pool::Timeout timeout;
  timeout.percent = percent;
  return timeout;
}

}  // namespace

TEST_CASE("a timeout is a duration or a share of the median") {
  CHECK(pool::parse_timeout("10")->fixed == 10s);
  CHECK(pool::parse_timeout("10s")->fixed == 10s);
  CHECK(pool::parse_timeout("1m30s")->fixed == 90s);
  CHECK(pool::parse_timeout("0.5")->fixed == 500ms);
  CHECK(pool::parse_timeout("1ns")->fixed == 1ms);
  CHECK_FALSE(pool::parse_timeout("10")->percent);
  CHECK(pool::parse_timeout("300%")->percent == 300.0);
  CHECK(pool::parse_timeout("150.5%")->percent == 150.5);
  CHECK_FALSE(pool::parse_timeout("300%")->fixed);
}

TEST_CASE("a timeout of 0 is none") {
  CHECK_FALSE(pool::parse_timeout("0")->fixed);
  CHECK_FALSE(pool::parse_timeout("0s")->percent);
}

TEST_CASE("what is no timeout is refused with what is accepted") {
  for (const char* text :
       {"", "%", "0%", "-1", "-5%", "abc", "1e3%", "nan%", "inf%", "5 %", "5%%", "1x", "10000000%"}) {
    INFO("text: " << text);
    const auto timeout = pool::parse_timeout(text);
    REQUIRE_FALSE(timeout);
    CHECK(timeout.error().kind == ErrorKind::kUsage);
    CHECK(timeout.error().message().find("1m30s") != std::string::npos);
    CHECK(timeout.error().message().find("300%") != std::string::npos);
  }
}

TEST_CASE("a fixed timeout stays, and without one there is none") {
  pool::Timeout timeout;
  TimeoutPolicy none(timeout);
  timeout.fixed = 5s;
  TimeoutPolicy fixed(timeout);
  for (int i = 0; i < 5; ++i) {
    none.succeeded(1s);
    fixed.succeeded(1s);
  }
  CHECK_FALSE(none.current());
  CHECK(fixed.current() == 5s);
}

TEST_CASE("a share of the median holds from the third successful job on") {
  TimeoutPolicy policy(share(300));
  policy.succeeded(100us);
  policy.succeeded(100us);
  CHECK_FALSE(policy.current());
  policy.succeeded(100us);
  CHECK(policy.current() == 1ms);  // 300 us, rounded up
}

TEST_CASE("the share is of the median, not of the mean") {
  TimeoutPolicy policy(share(100));
  for (const auto runtime : {2s, 2s, 2s, 2s, 5000s}) policy.succeeded(runtime);
  REQUIRE(policy.current());
  CHECK(*policy.current() >= 2s);
  CHECK(*policy.current() <= 2032ms);
}

TEST_CASE("the median is never too short, and at most a 64th too long") {
  std::mt19937_64 random(1);
  for (const double power : {0.0, 3.0, 9.0}) {
    TimeoutPolicy policy(share(100'000));  // of a thousandth of a millisecond, exactly
    std::vector<std::uint64_t> runtimes;
    bool right = true;
    for (int i = 0; i < 2000; ++i) {
      // Two kinds of jobs, one of them longer by far.
      const std::uint64_t us =
          1 + random() % 1000 * (random() % 2 == 0 ? 1 : static_cast<std::uint64_t>(std::pow(10, power)));
      policy.succeeded(std::chrono::microseconds(us));
      runtimes.insert(std::upper_bound(runtimes.begin(), runtimes.end(), us), us);
      if (i < 2) continue;
      const std::uint64_t median = runtimes[(runtimes.size() - 1) / 2];
      const auto current = static_cast<std::uint64_t>(policy.current()->count());
      right = right && current >= median && current <= median + median / 64 + 1;
    }
    CHECK(right);
  }
}

TEST_CASE("run times beyond all bounds do no harm") {
  TimeoutPolicy policy(share(1'000'000));
  for (const double seconds : {1e300, -1.0, 1e300, 0.0, 1e300})
    policy.succeeded(std::chrono::duration<double>(seconds));
  CHECK(policy.current() > 24h);
  TimeoutPolicy none(share(1));
  for (int i = 0; i < 3; ++i) none.succeeded(0s);
  CHECK(none.current() == 1ms);
}
