#pragma once
// The times that a crontab's five fields name (crontab(5) of Vixie cron).
//
//   minute 0-59, hour 0-23, day of month 1-31, month 1-12 or jan-dec, day of week 0-7 (0 and 7: Sunday) or sun-sat
//   * a a-b, */n a-b/n, lists of these with commas; @yearly @annually @monthly @weekly @daily @midnight @hourly
//
// A day is named when both of its fields name it, or, where neither begins with *, either.
//
// Where clocks go forward, what was to run in the skipped time runs right after it, once; where they go back, nothing
// runs a second time. Schedules whose minute or hour begins with * follow the clock instead, as there is always a next
// time for them soon. All of it in the local time zone (TZ, tzset(3)).

#include <array>
#include <bitset>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

#include "mtask/result.hpp"

namespace mtask::gen {

class CronSchedule {
 public:
  // The reason of a failure is a phrase about `text`: "has 4 fields instead of 5".
  [[nodiscard]] static Result<CronSchedule> parse(std::string_view text);

  // The first time after `after`, in seconds since 1970; nothing when none comes within 50 years.
  [[nodiscard]] std::optional<std::time_t> next(std::time_t after) const;

 private:
  CronSchedule() = default;
  struct Field;
  static const std::array<Field, 5> kFields;
  Result<void> parse_field(std::size_t index, std::string_view text);
  Result<void> parse_item(std::size_t index, std::string_view text);
  [[nodiscard]] bool names_day(const std::tm& time) const;
  [[nodiscard]] std::optional<std::time_t> on_the_clock(std::time_t from, std::time_t end) const;
  [[nodiscard]] bool names_skipped_time(std::time_t before, std::time_t after) const;

  std::array<std::bitset<64>, 5> named_;
  std::array<bool, 5> star_{};  // begins with *
};

// 2024-01-31T12:00:00+01:00, in the local time zone.
[[nodiscard]] std::string format_local_time(std::time_t time);

// Reads that: seconds and offset (or Z) may be missing, and so may the time; a blank may stand for the T. Without an
// offset in the local time zone. Nothing when it is no time.
[[nodiscard]] std::optional<std::time_t> parse_local_time(std::string_view text);

}  // namespace mtask::gen
