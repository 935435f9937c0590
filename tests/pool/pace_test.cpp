#include "pool/pace.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace mtask;
using namespace std::chrono_literals;
using pool::Pace;
using pool::PaceState;
using Time = std::chrono::steady_clock::time_point;

namespace {

constexpr Time kStart{1000h};

}  // namespace

TEST_CASE("a rate of starts is a number for each second, minute or hour") {
  CHECK(pool::parse_start_rate("50").value() == 50);
  CHECK(pool::parse_start_rate("50/s").value() == 50);
  CHECK(pool::parse_start_rate("0.5").value() == 0.5);
  CHECK(pool::parse_start_rate("120/m").value() == 2);
  CHECK(pool::parse_start_rate("1800/h").value() == 0.5);
  CHECK(pool::parse_start_rate("0").value() == 0);
  for (const char* text :
       {"", "/s", "x", "-1", "1/d", "1/", "nan", "inf", "1e3", "1 /s", "1/s/s", "9999999999", ".5"}) {
    INFO("text: " << text);
    REQUIRE_FALSE(pool::parse_start_rate(text));
    CHECK(pool::parse_start_rate(text).error().kind == ErrorKind::kUsage);
    CHECK(pool::parse_start_rate(text).error().message().find("100/m") != std::string::npos);
  }
}

TEST_CASE("without delay and rate every start is allowed") {
  const Pace pace(0ms, 0);
  PaceState state;
  CHECK_FALSE(pace.limits());
  for (int i = 0; i < 3; ++i) CHECK(pace.wait_for(state, kStart) == 0ns);
}

TEST_CASE("two starts are never closer than the delay") {
  const Pace pace(100ms, 0);
  PaceState state;
  CHECK(pace.wait_for(state, kStart) == 0ns);
  CHECK(pace.wait_for(state, kStart) == 100ms);
  CHECK(pace.wait_for(state, kStart + 99ms) == 1ms);
  CHECK(pace.wait_for(state, kStart + 130ms) == 0ns);  // late
  CHECK(pace.wait_for(state, kStart + 200ms) == 30ms);
}

TEST_CASE("asking does not put a start off") {
  const Pace pace(0ms, 10);
  PaceState state;
  CHECK(pace.wait_for(state, kStart) == 0ns);
  for (int i = 0; i < 10; ++i) CHECK(pace.wait_for(state, kStart + 40ms) == 60ms);
  CHECK(pace.wait_for(state, kStart + 100ms) == 0ns);
}

TEST_CASE("late starts do not slow the rate down") {
  const Pace pace(0ms, 10);
  PaceState state;
  auto now = kStart;
  int starts = 0;
  while (now < kStart + 100s) {
    const auto wait = pace.wait_for(state, now);
    if (wait == 0ns) ++starts;
    now += wait + 7ms;  // who waits wakes up late
  }
  CHECK(starts == 1000);
}

TEST_CASE("starts that were missed are not made up for") {
  const Pace pace(0ms, 10);
  PaceState state;
  CHECK(pace.wait_for(state, kStart) == 0ns);
  CHECK(pace.wait_for(state, kStart + 60s) == 0ns);
  CHECK(pace.wait_for(state, kStart + 60s) == 100ms);
}

TEST_CASE("delay and rate hold together") {
  const Pace pace(300ms, 10);
  PaceState state;
  CHECK(pace.wait_for(state, kStart) == 0ns);
  CHECK(pace.wait_for(state, kStart + 100ms) == 200ms);
  const Pace slow(10ms, 1);
  PaceState other;
  CHECK(slow.wait_for(other, kStart) == 0ns);
  CHECK(slow.wait_for(other, kStart + 10ms) == 990ms);
}

TEST_CASE("extreme delays and rates overflow nothing") {
  for (const Pace& pace : {Pace(pool::Milliseconds::max(), 0), Pace(0ms, 1e-300)}) {
    PaceState state;
    CHECK(pace.wait_for(state, kStart) == 0ns);
    CHECK(pace.wait_for(state, kStart) > 1000h);
  }
  PaceState state;
  CHECK(Pace(0ms, 1e300).wait_for(state, kStart) == 0ns);
  CHECK(Pace(0ms, 1e300).wait_for(state, kStart) == 1ns);
}
