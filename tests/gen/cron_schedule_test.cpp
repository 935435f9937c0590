#include "gen/sources/cron_schedule.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

using namespace mtask::gen;

namespace {

void use_zone(const char* zone) {
  ::setenv("TZ", zone, 1);
  ::tzset();
}

// Where clocks go forward from 02:00 to 03:00 on the last Sunday of March, and back in October.
constexpr const char* kBerlin = "CET-1CEST,M3.5.0,M10.5.0/3";

std::vector<std::string> times(const std::string& text, const std::string& from, std::size_t count) {
  const auto schedule = CronSchedule::parse(text);
  REQUIRE(schedule);
  std::vector<std::string> all;
  std::optional<std::time_t> last = parse_local_time(from).value() - 1;
  while (all.size() < count && (last = schedule->next(*last))) all.push_back(format_local_time(*last));
  return all;
}

using Times = std::vector<std::string>;

}  // namespace

TEST_CASE("cron: before 1970 as after it") {
  use_zone("UTC0");
  CHECK(times("* * * * *", "1969-12-31T23:58:30", 3) ==
        Times{"1969-12-31T23:59:00+00:00", "1970-01-01T00:00:00+00:00", "1970-01-01T00:01:00+00:00"});
}

std::string refusal(const std::string& text) {
  const auto schedule = CronSchedule::parse(text);
  REQUIRE_FALSE(schedule);
  return schedule.error().context;
}

TEST_CASE("a schedule names minutes, hours, days, months and weekdays") {
  use_zone("UTC");
  CHECK(times("*/15 * * * *", "2024-01-31T23:40", 3) ==
        Times{"2024-01-31T23:45:00+00:00", "2024-02-01T00:00:00+00:00", "2024-02-01T00:15:00+00:00"});
  CHECK(times("30 4 1,15 * *", "2024-01-02", 3) ==
        Times{"2024-01-15T04:30:00+00:00", "2024-02-01T04:30:00+00:00", "2024-02-15T04:30:00+00:00"});
  CHECK(times("0 9-17/4 * JAN mon-fri", "2024-01-05", 4) ==
        Times{"2024-01-05T09:00:00+00:00", "2024-01-05T13:00:00+00:00", "2024-01-05T17:00:00+00:00",
              "2024-01-08T09:00:00+00:00"});
  CHECK(times("@monthly", "2024-02-01", 2) == Times{"2024-02-01T00:00:00+00:00", "2024-03-01T00:00:00+00:00"});
}

TEST_CASE("0 and 7 are Sunday") {
  use_zone("UTC");
  CHECK(times("0 0 * * 7", "2024-01-01", 2) == times("0 0 * * 0", "2024-01-01", 2));
  CHECK(times("0 0 * * 5-7", "2024-01-01", 3) ==
        Times{"2024-01-05T00:00:00+00:00", "2024-01-06T00:00:00+00:00", "2024-01-07T00:00:00+00:00"});
}

TEST_CASE("where day of month and day of week are both given, either is enough") {
  use_zone("UTC");
  CHECK(times("0 0 13 * fri", "2024-01-10", 3) ==
        Times{"2024-01-12T00:00:00+00:00", "2024-01-13T00:00:00+00:00", "2024-01-19T00:00:00+00:00"});
  // One that begins with * does not count as given.
  CHECK(times("0 0 */13 * fri", "2024-01-10", 1) == Times{"2024-03-01T00:00:00+00:00"});
}

TEST_CASE("29 February comes in leap years, also after the one that 2100 is not") {
  use_zone("UTC");
  CHECK(times("0 12 29 2 *", "2096-01-01", 2) == Times{"2096-02-29T12:00:00+00:00", "2104-02-29T12:00:00+00:00"});
}

TEST_CASE("a day that no month has never comes") {
  use_zone("UTC");
  CHECK(times("0 0 31 2,4,6 *", "2024-01-01", 1).empty());
}

TEST_CASE("what was to run while clocks are put forward runs right after, once") {
  use_zone(kBerlin);
  CHECK(times("30 2 * * *", "2024-03-30", 3) ==
        Times{"2024-03-30T02:30:00+01:00", "2024-03-31T03:00:00+02:00", "2024-04-01T02:30:00+02:00"});
  CHECK(times("0,30 2 * * *", "2024-03-31", 2) == Times{"2024-03-31T03:00:00+02:00", "2024-04-01T02:00:00+02:00"});
  // What is due at that time anyway does not run twice.
  CHECK(times("0 2,3 * * *", "2024-03-31", 2) == Times{"2024-03-31T03:00:00+02:00", "2024-04-01T02:00:00+02:00"});
  CHECK(times("30 3 * * *", "2024-03-31", 2) == Times{"2024-03-31T03:30:00+02:00", "2024-04-01T03:30:00+02:00"});
}

TEST_CASE("what has run before clocks are put back does not run again") {
  use_zone(kBerlin);
  CHECK(times("30 2 * * *", "2024-10-26", 3) ==
        Times{"2024-10-26T02:30:00+02:00", "2024-10-27T02:30:00+02:00", "2024-10-28T02:30:00+01:00"});
  CHECK(times("15 2,3 * * *", "2024-10-27", 2) == Times{"2024-10-27T02:15:00+02:00", "2024-10-27T03:15:00+01:00"});
  // Also for one who comes in the hour that is shown twice.
  const auto schedule = CronSchedule::parse("30 2 * * *");
  REQUIRE(schedule);
  const auto second = parse_local_time("2024-10-27T02:10+01:00");
  REQUIRE(second);
  CHECK(format_local_time(schedule->next(*second).value()) == "2024-10-28T02:30:00+01:00");
}

TEST_CASE("a schedule whose hour or minute begins with * follows the clock through both changes") {
  use_zone(kBerlin);
  CHECK(times("30 * * * *", "2024-03-31T01:00", 2) == Times{"2024-03-31T01:30:00+01:00", "2024-03-31T03:30:00+02:00"});
  CHECK(times("30 * * * *", "2024-10-27T02:00+02:00", 3) ==
        Times{"2024-10-27T02:30:00+02:00", "2024-10-27T02:30:00+01:00", "2024-10-27T03:30:00+01:00"});
}

TEST_CASE("a shift of half an hour is met to the minute") {
  use_zone("LHST-10:30LHDT-11,M10.1.0,M4.1.0");
  CHECK(times("15 2 * * *", "2024-10-06", 1) == Times{"2024-10-06T02:30:00+11:00"});
  CHECK(times("45 1 * * *", "2024-04-07", 2) == Times{"2024-04-07T01:45:00+11:00", "2024-04-08T01:45:00+10:30"});
}

TEST_CASE("what is no schedule is told by its field") {
  CHECK(refusal("* * * *") == "has 4 fields instead of 5: minute, hour, day of month, month, day of week");
  CHECK(refusal("60 * * * *") == "has the minute '60', which is not within 0 to 59");
  CHECK(refusal("* * 0 * *") == "has the day of month '0', which is not within 1 to 31");
  CHECK(refusal("* * * * fri-mon") == "has the day of week 'fri-mon', which runs backwards");
  CHECK(refusal("5/10 * * * *") == "has the minute '5/10', which has a step without a range");
  for (const char* text : {"*/0 * * * *", "*/x * * * *", "1,,2 * * * *", "-1 * * * *", "x * * * *", "* * * foo *"}) {
    CHECK(refusal(text).find("which is none of") != std::string::npos);
  }
  CHECK(refusal("@reboot").starts_with("is none of"));
}

TEST_CASE("times are read in the local zone unless they carry an offset") {
  use_zone(kBerlin);
  CHECK(parse_local_time("2024-01-31") == parse_local_time("2024-01-30T23:00Z"));
  CHECK(parse_local_time("2024-07-01 12:00:05") == parse_local_time("2024-07-01T10:00:05+00:00"));
  for (const char* text : {"", "2024", "2024-02-30", "2024-01-31T", "2024-01-31T25:00", "2024-01-31T12:00+1",
                           "2024-1-31", "2024-01-31T12:00:00+01:00x", "2024-01-31T12:00:61"}) {
    CHECK_FALSE(parse_local_time(text));
  }
}
