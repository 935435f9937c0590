// Dates: their texts, and their steps.
#include "gen/calendar.hpp"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <ctime>
#include <iomanip>
#include <locale>
#include <sstream>
#include <string>

#include "gen/sources/date.hpp"

namespace {

using namespace mtask::gen;

std::string reason(std::string_view text) {
  const auto moment = parse_moment(text);
  return moment ? "" : moment.error().context;
}

std::string shown(WallSeconds wall, std::string_view format = "%F %T") {
  std::string text;
  MomentFormat::parse(format).value().append(wall, 0, text);
  return text;
}

WallSeconds wall(std::string_view text) { return parse_moment(text).value().wall; }

TEST_CASE("days and dates are each other's inverse over the whole calendar, without a gap") {
  std::int64_t days = days_from_civil({1, 1, 1});
  CHECK(days * kSecondsADay == kFirstMoment);
  CivilDate expected{1, 1, 1};
  bool same = true;
  for (; expected.year < 10'000; ++days) {
    const CivilDate date = civil_from_days(days);
    same = same && date.year == expected.year && date.month == expected.month && date.day == expected.day &&
           days_from_civil(date) == days;
    if (++expected.day > days_in_month(expected.year, expected.month)) {
      expected.day = 1;
      if (++expected.month > 12) {
        expected.month = 1;
        ++expected.year;
      }
    }
  }
  CHECK(same);
  CHECK(days * kSecondsADay - 1 == kLastMoment);
}

TEST_CASE("moments are read in each form") {
  CHECK(wall("1970-01-01") == 0);
  CHECK(wall("1970-01-02T01:02") == 90'120);
  CHECK(wall("1970-01-02 01:02:03") == 90'123);
  CHECK(parse_moment("2024-01-31T12:00Z").value().offset == 0);
  CHECK(parse_moment("2024-01-31T12:00+02:30").value().offset == 9000);
  CHECK(parse_moment("2024-01-31T12:00-0230").value().offset == -9000);
  CHECK_FALSE(parse_moment("2024-01-31T12:00").value().offset);
}

TEST_CASE("what is no moment is refused") {
  for (const char* const text :
       {"", "2024", "2024-1-1", "24-01-01", "2024-01-01T", "2024-01-01T12", "2024-01-01T12:00:", "2024-01-01T12:00+",
        "2024-01-01T12:00Z1", "2024-01-01x", "2024-01-01T12:00+24:00", "2024-01-01+02:00"}) {
    INFO(text);
    CHECK(reason(text).starts_with("is no date or time"));
  }
  CHECK(reason("2023-02-29").find("last is 28") != std::string::npos);
  CHECK(reason("1900-02-29").find("last is 28") != std::string::npos);
  CHECK(reason("2000-02-29").empty());
  CHECK_FALSE(reason("0000-01-01").empty());
  CHECK_FALSE(reason("2024-13-01").empty());
  CHECK_FALSE(reason("2024-01-01T24:00").empty());
  CHECK_FALSE(reason("2024-01-01T23:60").empty());
}

TEST_CASE("each directive gives what strftime does in the C locale") {
  for (const char* const directive :
       {"%Y", "%y", "%m", "%d", "%e", "%j", "%H", "%I", "%p", "%M", "%S", "%F", "%T", "%R",
        "%a", "%A", "%b", "%B", "%h", "%u", "%w", "%G", "%V", "%n", "%t", "%%", "%s"}) {
    CHECK(rc::check(directive, [directive] {
      // From the year 1000 on, as strftime doesn't pad years.
      const auto at = *rc::gen::inRange<std::int64_t>(-30'610'224'000, kLastMoment + 1);
      const std::time_t time = at;
      std::tm parts{};
      gmtime_r(&time, &parts);
      std::ostringstream expected;
      expected.imbue(std::locale::classic());
      expected << std::put_time(&parts, directive);
      const std::string text = std::string(directive) == "%s" ? std::to_string(at) : expected.str();
      RC_ASSERT(shown(at, directive) == text);
    }));
  }
}

TEST_CASE("offsets are written with and without a colon") {
  std::string text;
  MomentFormat::parse("%z %:z %s").value().append(0, -9000, text);
  CHECK(text == "-0230 -02:30 9000");
}

TEST_CASE("a template with what strftime does not have here is refused") {
  CHECK(MomentFormat::parse("%Q").error().context.starts_with("has '%Q'"));
  CHECK(MomentFormat::parse("100%").error().context.find("lone") != std::string::npos);
  CHECK_FALSE(MomentFormat::parse("%:Y"));
}

TEST_CASE("steps are read") {
  CHECK(parse_date_step("2w").value().seconds == 14 * kSecondsADay);
  CHECK(parse_date_step("-1d").value().seconds == -kSecondsADay);
  CHECK(parse_date_step("1h30m").value().seconds == 5400);
  CHECK(parse_date_step("1y6mo").value().months == 18);
  CHECK(parse_date_step("-3bd").value().business_days == -3);
  for (const char* const text :
       {"", "-", "1", "d", "1x", "0d", "1d2", "1bd1d", "--1d", "1d-1h", "9999999999999999999y"}) {
    INFO(text);
    CHECK_FALSE(parse_date_step(text));
  }
}

TEST_CASE("business days pass over weekends, both ways, and begin on one") {
  const DateSequence forward(wall("2024-03-02"), parse_date_step("1bd").value(), false);  // a Saturday
  std::string days;
  for (std::uint64_t i = 0; i < 6; ++i) days += shown(forward.at(i).value(), "%d%a ");
  CHECK(days == "04Mon 05Tue 06Wed 07Thu 08Fri 11Mon ");
  const DateSequence backward(wall("2024-03-02"), parse_date_step("-1bd").value(), false);
  days.clear();
  for (std::uint64_t i = 0; i < 6; ++i) days += shown(backward.at(i).value(), "%d%a ");
  CHECK(days == "01Fri 29Thu 28Wed 27Tue 26Mon 23Fri ");
}

TEST_CASE("month ends don't drift") {
  const DateSequence monthly(wall("2024-01-30"), parse_date_step("1mo").value(), false);
  CHECK(shown(monthly.at(1).value()) == "2024-02-29 00:00:00");
  CHECK(shown(monthly.at(2).value()) == "2024-03-30 00:00:00");
  const DateSequence ends(wall("2024-02-10T08:30"), parse_date_step("1mo").value(), true);
  CHECK(shown(ends.at(0).value()) == "2024-02-29 08:30:00");
  CHECK(shown(ends.at(1).value()) == "2024-03-31 08:30:00");
}

TEST_CASE("a sequence has as many dates as can be counted one by one") {
  CHECK(rc::check([] {
    const std::string number = std::to_string(*rc::gen::inRange(1, 40));
    const std::string unit = *rc::gen::element<std::string>("d", "w", "mo", "y", "bd", "h", "mo1d");
    const bool back = *rc::gen::arbitrary<bool>();
    const DateStep step = parse_date_step((back ? "-" : "") + number + unit).value();
    const auto first = *rc::gen::inRange<std::int64_t>(-4'000'000'000, 4'000'000'000);
    const WallSeconds last = first + (back ? -1 : 1) * *rc::gen::inRange<std::int64_t>(0, 30'000'000);
    const DateSequence sequence(first, step, false);
    std::uint64_t counted = 0;
    for (auto at = sequence.at(0); back ? *at >= last : *at <= last; at = sequence.at(counted)) ++counted;
    RC_ASSERT(sequence.count(last) == counted);
  }));
}

TEST_CASE("the calendar's ends are ends") {
  const DateSequence sequence(wall("9999-12-30"), parse_date_step("1d").value(), false);
  CHECK(sequence.count(std::nullopt) == 2);
  CHECK_FALSE(sequence.at(2));
  CHECK_FALSE(sequence.at(UINT64_MAX));
  const DateSequence back(wall("0001-01-03"), parse_date_step("-1bd").value(), false);
  CHECK(back.count(std::nullopt) == 3);  // a Wednesday
  CHECK_FALSE(DateSequence(0, parse_date_step("9000000000000000000s").value(), false).at(2));
}

}  // namespace
