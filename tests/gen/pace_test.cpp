#include "gen/combinators/pace.hpp"

#include <catch2/catch.hpp>
#include <chrono>

using namespace mtask::gen;
using namespace std::chrono_literals;

namespace {

const Pace::Time kStart = Pace::Time(1000h);

// When the value that is there at `now` goes.
Pace::Time go(Pace& pace, Pace::Time now) {
  const Pace::Time at = std::max(now, pace.due(now));
  static_cast<void>(pace.went(at));
  return at;
}

}  // namespace

TEST_CASE("a rate is a number of values in a second, a minute or an hour") {
  const auto same = [](const char* text, std::uint64_t values, std::uint64_t nanoseconds) {
    const auto rate = parse_pace(text);
    return rate && rate->values * (nanoseconds / 1'000) == values * (rate->nanoseconds / 1'000);
  };
  CHECK(same("50/s", 50, 1'000'000'000));
  CHECK(same("50", 50, 1'000'000'000));
  CHECK(same("2.5/m", 5, 120'000'000'000));
  CHECK(same("1/h", 1, 3'600'000'000'000));
  for (const char* text : {"", "/s", "0/s", "-1/s", "1/d", "1/", "x/s", "1/s/s", "2e9/s", "0.0000001/s"}) {
    CHECK_FALSE(parse_pace(text));
  }
}

TEST_CASE("a million values at three a second end on the nanosecond") {
  Pace pace(*parse_pace("3/s"), 1);
  Pace::Time now = kStart;
  for (int i = 0; i < 1'000'000; ++i) now = go(pace, now);
  CHECK(now == kStart + 333'333s);  // of the value number 999,999
}

TEST_CASE("values that go late don't move those after them") {
  Pace pace(*parse_pace("1000/s"), 1);
  CHECK(go(pace, kStart) == kStart);
  CHECK(go(pace, kStart + 5ms) == kStart + 5ms);  // was due at 1 ms
  CHECK(go(pace, kStart + 5ms) == kStart + 5ms);
  for (int i = 0; i < 3; ++i) static_cast<void>(go(pace, kStart + 5ms));
  CHECK(go(pace, kStart + 5ms) == kStart + 6ms);
}

TEST_CASE("a pause is not made up for beyond the burst") {
  Pace one(*parse_pace("10/s"), 1);
  CHECK(go(one, kStart) == kStart);
  CHECK(go(one, kStart + 10s) == kStart + 10s);
  CHECK(go(one, kStart + 10s) == kStart + 10s + 100ms);

  Pace three(*parse_pace("10/s"), 3);
  for (int i = 0; i < 3; ++i) CHECK(go(three, kStart) == kStart);
  CHECK(go(three, kStart) == kStart + 100ms);
  for (int i = 0; i < 3; ++i) CHECK(go(three, kStart + 10s) == kStart + 10s);
  CHECK(go(three, kStart + 10s) == kStart + 10s + 100ms);
}

TEST_CASE("the slowest rate with the widest burst stays within the clock") {
  Pace pace(*parse_pace("0.000001/h"), 1'000'000'000);
  for (int i = 0; i < 1000; ++i) CHECK(go(pace, kStart) == kStart);
}
