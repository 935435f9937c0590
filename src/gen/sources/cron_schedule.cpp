#include "gen/sources/cron_schedule.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <utility>
#include <vector>

#include "base/text.hpp"

namespace mtask::gen {
namespace {

constexpr std::time_t kMinute = 60;
constexpr std::time_t kHour = 3600;
constexpr std::time_t kDay = 24 * kHour;
constexpr std::time_t kHorizon = 50 * 366 * kDay;
constexpr std::time_t kLongestShift = 3 * kHour;  // of a clock that is put forward or back; more is another time zone

enum : std::size_t { kMinutes, kHours, kDays, kMonths, kWeekdays };

constexpr std::array<std::string_view, 12> kMonthNames = {"jan", "feb", "mar", "apr", "may", "jun",
                                                          "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kWeekdayNames = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kNicknames = {{
    {"@yearly", "0 0 1 1 *"},
    {"@annually", "0 0 1 1 *"},
    {"@monthly", "0 0 1 * *"},
    {"@weekly", "0 0 * * 0"},
    {"@daily", "0 0 * * *"},
    {"@midnight", "0 0 * * *"},
    {"@hourly", "0 * * * *"},
}};

Unexpected wrong(std::string why) { return Unexpected(usage_error(std::move(why))); }

std::vector<std::string_view> split(std::string_view text, std::string_view at, bool keep_empty) {
  std::vector<std::string_view> parts;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t end = std::min(text.find_first_of(at, from), text.size());
    if (keep_empty || end > from) parts.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return parts;
}

std::tm local(std::time_t time) {
  std::tm broken{};
  ::localtime_r(&time, &broken);
  return broken;
}

std::time_t rounded_up(std::time_t time, std::time_t unit) {
  const std::time_t past = time % unit;  // negative before 1970
  return past > 0 ? time - past + unit : time - past;
}

bool equal_letters(std::string_view text, std::string_view name) {
  return std::equal(text.begin(), text.end(), name.begin(), name.end(),
                    [](char a, char b) { return a == b || (a >= 'A' && a <= 'Z' && a - 'A' + 'a' == b); });
}

// Seconds east of Greenwich.
std::time_t offset_at(std::time_t time) { return local(time).tm_gmtoff; }

// The wall clock as a number that rises by one a second, whatever its zone.
std::time_t wall(std::time_t time) { return time + offset_at(time); }

// When it changes between the two, at which it differs.
std::time_t first_other_offset(std::time_t before, std::time_t after) {
  const std::time_t offset = offset_at(before);
  while (after - before > 1) {
    const std::time_t middle = before + (after - before) / 2;
    (offset_at(middle) == offset ? before : after) = middle;
  }
  return after;
}

}  // namespace

struct CronSchedule::Field {
  std::string_view name;
  unsigned least;
  unsigned most;
  const std::string_view* names;  // of values from `least` on; null: none
  unsigned name_count;
};

const std::array<CronSchedule::Field, 5> CronSchedule::kFields = {{
    {"minute", 0, 59, nullptr, 0},
    {"hour", 0, 23, nullptr, 0},
    {"day of month", 1, 31, nullptr, 0},
    {"month", 1, 12, kMonthNames.data(), 12},
    {"day of week", 0, 7, kWeekdayNames.data(), 7},
}};

Result<CronSchedule> CronSchedule::parse(std::string_view text) {
  if (text.starts_with('@')) {
    const auto known =
        std::find_if(kNicknames.begin(), kNicknames.end(), [&](const auto& pair) { return pair.first == text; });
    if (known == kNicknames.end())
      return wrong("is none of @yearly @annually @monthly @weekly @daily @midnight @hourly");
    text = known->second;
  }
  const auto fields = split(text, " \t\n", false);
  if (fields.size() != kFields.size()) {
    return wrong("has " + std::to_string(fields.size()) + (fields.size() == 1 ? " field" : " fields") +
                 " instead of 5: minute, hour, day of month, month, day of week");
  }
  CronSchedule schedule;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (auto read = schedule.parse_field(i, fields[i]); !read) return Unexpected(std::move(read).error());
  }
  if (schedule.named_[kWeekdays][7]) schedule.named_[kWeekdays].set(0);
  return schedule;
}

Result<void> CronSchedule::parse_field(std::size_t index, std::string_view text) {
  star_[index] = text.starts_with('*');
  for (const std::string_view item : split(text, ",", true)) {
    if (auto read = parse_item(index, item); !read) return read;
  }
  return {};
}

Result<void> CronSchedule::parse_item(std::size_t index, std::string_view text) {
  const Field& field = kFields[index];
  const auto refuse = [&](const std::string& why) {
    return wrong("has the " + std::string(field.name) + " " + quote(text) + ", which " + why);
  };
  const auto number = [&](std::string_view part) -> std::optional<unsigned> {
    for (unsigned i = 0; i < field.name_count; ++i) {
      if (equal_letters(part, field.names[i])) return field.least + i;
    }
    unsigned value = 0;
    const auto read = std::from_chars(part.data(), part.data() + part.size(), value);
    if (read.ec != std::errc() || read.ptr != part.data() + part.size()) return std::nullopt;
    return value;
  };
  const std::size_t slash = text.find('/');
  const std::string_view range = text.substr(0, slash);
  const std::size_t dash = range.find('-');
  unsigned step = 1;  // 0: not a number
  std::optional<unsigned> first = field.least;
  std::optional<unsigned> last = field.most;
  if (index == kWeekdays) last = 6;
  if (range != "*") {
    first = number(range.substr(0, dash));
    last = dash == std::string_view::npos ? first : number(range.substr(dash + 1));
  }
  if (slash != std::string_view::npos) {
    const std::string_view part = text.substr(slash + 1);
    const auto read = std::from_chars(part.data(), part.data() + part.size(), step);
    if (read.ec != std::errc() || read.ptr != part.data() + part.size()) step = 0;
    if (range != "*" && dash == std::string_view::npos) return refuse("has a step without a range");
  }
  if (!first || !last || step == 0) return refuse("is none of *, a number, a range, and one of these with a step");
  const std::string bounds = std::to_string(field.least) + " to " + std::to_string(field.most);
  if (*first < field.least || *last > field.most || *first > field.most) return refuse("is not within " + bounds);
  if (*first > *last) return refuse("runs backwards");
  for (unsigned value = *first; value <= *last; value += std::min(step, 64U)) named_[index].set(value);
  return {};
}

bool CronSchedule::names_day(const std::tm& time) const {
  const bool day = named_[kDays][static_cast<std::size_t>(time.tm_mday)];
  const bool weekday = named_[kWeekdays][static_cast<std::size_t>(time.tm_wday)];
  return star_[kDays] || star_[kWeekdays] ? day && weekday : day || weekday;
}

// The first time from `from` on, before `end`, at which the clock shows a time that is named.
std::optional<std::time_t> CronSchedule::on_the_clock(std::time_t from, std::time_t end) const {
  // Steps of a day and of an hour are cut short where the clock is put forward or back within them.
  const auto leap = [](std::time_t at, std::time_t unit, std::time_t shown) {
    const std::time_t there = at + unit - shown % unit;
    if (offset_at(there) == offset_at(at)) return there;
    return at + kMinute;
  };
  for (std::time_t at = rounded_up(from, kMinute); at < end;) {
    const std::tm time = local(at);
    const std::time_t in_day = time.tm_hour * kHour + time.tm_min * kMinute + time.tm_sec;
    if (!named_[kMonths][static_cast<std::size_t>(time.tm_mon + 1)] || !names_day(time)) {
      at = leap(at, kDay, in_day);
    } else if (!named_[kHours][static_cast<std::size_t>(time.tm_hour)]) {
      at = leap(at, kHour, in_day);
    } else if (!named_[kMinutes][static_cast<std::size_t>(time.tm_min)]) {
      at += kMinute;
    } else {
      return at;
    }
  }
  return std::nullopt;
}

// The clock was put forward between the two; whether a time in between, which it never showed, is named.
bool CronSchedule::names_skipped_time(std::time_t before, std::time_t after) const {
  for (std::time_t shown = wall(before) + kMinute; shown < wall(after); shown += kMinute) {
    std::tm time{};
    ::gmtime_r(&shown, &time);
    if (named_[kMonths][static_cast<std::size_t>(time.tm_mon + 1)] && names_day(time) &&
        named_[kHours][static_cast<std::size_t>(time.tm_hour)] &&
        named_[kMinutes][static_cast<std::size_t>(time.tm_min)]) {
      return true;
    }
  }
  return false;
}

std::optional<std::time_t> CronSchedule::next(std::time_t after) const {
  const std::time_t end = after + kHorizon;
  if (star_[kMinutes] || star_[kHours]) return on_the_clock(after + 1, end);
  std::time_t from = after + 1;
  std::time_t known = after;  // when the zone's offset was looked at
  if (const std::time_t earlier = after - kLongestShift; offset_at(earlier) > offset_at(after)) {
    const std::time_t back = first_other_offset(earlier, after);
    const std::time_t past = back + offset_at(earlier) - offset_at(after);
    if (past > from) from = known = past;
  }
  while (from < end) {
    const std::time_t until = std::min(end, from + 7 * kDay);
    const bool shifts = offset_at(until) != offset_at(known);
    const std::time_t change = shifts ? first_other_offset(known, until) : until;
    if (const auto found = on_the_clock(from, change)) return found;
    from = change;
    if (shifts) {
      const std::time_t shift = offset_at(change) - offset_at(known);
      if (shift > 0 && shift <= kLongestShift && names_skipped_time(change - kMinute, change)) return change;
      // What the clock shows a second time is past.
      if (shift < 0 && -shift <= kLongestShift) from -= shift;
    }
    known = from;
  }
  return std::nullopt;
}

std::string format_local_time(std::time_t time) {
  const std::tm broken = local(time);
  const long offset = broken.tm_gmtoff < 0 ? -broken.tm_gmtoff : broken.tm_gmtoff;
  char text[64];
  const int length =
      std::snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d%c%02ld:%02ld", broken.tm_year + 1900,
                    broken.tm_mon + 1, broken.tm_mday, broken.tm_hour, broken.tm_min, broken.tm_sec,
                    broken.tm_gmtoff < 0 ? '-' : '+', offset / kHour, offset % kHour / kMinute);
  return {text, static_cast<std::size_t>(length)};
}

std::optional<std::time_t> parse_local_time(std::string_view text) {
  std::size_t at = 0;
  const auto number = [&](std::size_t digits, int least, int most, int& value) {
    if (text.size() - at < digits) return false;
    const char* const begin = text.data() + at;
    const auto read = std::from_chars(begin, begin + digits, value);
    if (read.ec != std::errc() || read.ptr != begin + digits || *begin == '-') return false;
    at += digits;
    return value >= least && value <= most;
  };
  const auto sign = [&](std::string_view any) {
    if (at == text.size() || any.find(text[at]) == std::string_view::npos) return false;
    ++at;
    return true;
  };
  std::tm time{};
  time.tm_isdst = -1;
  if (!number(4, 1, 9999, time.tm_year) || !sign("-") || !number(2, 1, 12, time.tm_mon) || !sign("-") ||
      !number(2, 1, 31, time.tm_mday)) {
    return std::nullopt;
  }
  time.tm_year -= 1900;
  time.tm_mon -= 1;
  if (at < text.size()) {
    if (!sign("T ") || !number(2, 0, 23, time.tm_hour) || !sign(":") || !number(2, 0, 59, time.tm_min))
      return std::nullopt;
    if (sign(":") && !number(2, 0, 59, time.tm_sec)) return std::nullopt;
  }
  const int day = time.tm_mday;
  if (at == text.size()) {
    const std::time_t seconds = ::mktime(&time);
    return time.tm_mday == day ? std::optional(seconds) : std::nullopt;
  }
  std::time_t offset = 0;
  if (!sign("Z")) {
    const bool behind = text[at] == '-';
    int hours = 0;
    int minutes = 0;
    if (!sign("+-") || !number(2, 0, 14, hours) || !sign(":") || !number(2, 0, 59, minutes)) return std::nullopt;
    offset = (behind ? -1 : 1) * (hours * kHour + minutes * kMinute);
  }
  const std::time_t seconds = ::timegm(&time);
  if (at != text.size() || time.tm_mday != day) return std::nullopt;
  return seconds - offset;
}

}  // namespace mtask::gen
