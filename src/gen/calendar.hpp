#pragma once
// Dates and times of the Gregorian calendar, years 1 to 9999, and their texts. Times are those of a wall clock: they
// know no summer time and no leap seconds.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mtask/result.hpp"

namespace mtask::gen {

// Seconds since 1970-01-01 00:00 on the wall clock.
using WallSeconds = std::int64_t;

inline constexpr WallSeconds kSecondsADay = 86'400;
inline constexpr WallSeconds kFirstMoment = -62'135'596'800;  // 0001-01-01 00:00:00
inline constexpr WallSeconds kLastMoment = 253'402'300'799;   // 9999-12-31 23:59:59

// A date or a time as written.
struct Moment {
  WallSeconds wall = 0;
  bool has_time = false;
  bool has_seconds = false;
  char separator = 'T';                // between date and time
  std::optional<std::int32_t> offset;  // from UTC, in seconds, where it names one
  bool zulu = false;                   // as Z
};

// 2024-01-31, 2024-01-31T12:00, 2024-01-31 12:00:30, each time also with Z, +02:00 or +0200. The reason of a failure is
// a phrase: "has no day 2024-02-30".
[[nodiscard]] Result<Moment> parse_moment(std::string_view text);

struct CivilDate {
  std::int64_t year = 1970;
  std::int64_t month = 1;
  std::int64_t day = 1;
};
// Days since 1970-01-01 and back (H. Hinnant: chrono-Compatible Low-Level Date Algorithms).
[[nodiscard]] std::int64_t days_from_civil(const CivilDate& date) noexcept;
[[nodiscard]] CivilDate civil_from_days(std::int64_t days) noexcept;
[[nodiscard]] std::int64_t days_in_month(std::int64_t year, std::int64_t month) noexcept;
// 0: Monday.
[[nodiscard]] std::int64_t weekday(std::int64_t days) noexcept;

[[nodiscard]] constexpr std::int64_t floor_divided(std::int64_t a, std::int64_t b) noexcept {
  return a / b - (a % b != 0 && (a % b < 0) != (b < 0) ? 1 : 0);
}

// A template of strftime's for moments, with the names of the C locale: %Y %y %m %d %e %j %H %I %p %M %S %F %T %R %a %A
// %b %B %h %u %w %G %V %s %z %:z %n %t %%.
class MomentFormat {
 public:
  // The reason of a failure is a phrase.
  [[nodiscard]] static Result<MomentFormat> parse(std::string_view text);
  // `offset` from UTC, in seconds.
  void append(WallSeconds wall, std::int32_t offset, std::string& out) const;

 private:
  std::string text_;  // known to be well formed; %:z as %:
};

}  // namespace mtask::gen
