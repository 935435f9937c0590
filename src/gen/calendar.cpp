#include "gen/calendar.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

namespace mtask::gen {
namespace {

constexpr std::array<std::string_view, 7> kDays = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                   "Friday", "Saturday", "Sunday"};
constexpr std::array<std::string_view, 12> kMonths = {"January",   "February", "March",    "April",
                                                      "May",       "June",     "July",     "August",
                                                      "September", "October",  "November", "December"};
constexpr std::string_view kDirectives = "YymdejHIpMSFTRaAbBhuwGVsz:nt%";
constexpr const char* kForms = "is no date or time, such as 2024-01-31, 2024-01-31T12:00 or 2024-01-31T12:00:00+02:00";

Unexpected refused(std::string reason) { return Unexpected(usage_error(std::move(reason))); }

class Reader {
 public:
  explicit Reader(std::string_view text) : left_(text) {}
  // A number of so many digits.
  bool number(std::size_t digits, std::int64_t& value) {
    if (left_.size() < digits) return false;
    for (const char c : left_.substr(0, digits)) {
      if (c < '0' || c > '9') return false;
    }
    std::from_chars(left_.data(), left_.data() + digits, value);
    left_.remove_prefix(digits);
    return true;
  }
  bool one_of(std::string_view characters, char& found) {
    if (left_.empty() || characters.find(left_.front()) == std::string_view::npos) return false;
    found = left_.front();
    left_.remove_prefix(1);
    return true;
  }
  bool skip(char c) {
    char found = 0;
    return one_of(std::string_view(&c, 1), found);
  }
  [[nodiscard]] bool at_end() const { return left_.empty(); }

 private:
  std::string_view left_;
};

// False: not of the form.
bool read_offset(Reader& reader, Moment& moment) {
  char sign = 0;
  if (reader.at_end()) return true;
  if (reader.one_of("Zz", sign)) {
    moment.offset = 0;
    moment.zulu = true;
    return reader.at_end();
  }
  std::int64_t hours = 0;
  std::int64_t minutes = 0;
  if (!reader.one_of("+-", sign) || !reader.number(2, hours)) return false;
  if (!reader.at_end()) {
    static_cast<void>(reader.skip(':'));
    if (!reader.number(2, minutes)) return false;
  }
  if (hours > 23 || minutes > 59) return false;
  const auto seconds = static_cast<std::int32_t>(hours * 3600 + minutes * 60);
  moment.offset = sign == '-' ? -seconds : seconds;
  return reader.at_end();
}

// False: not of the form.
bool read_time(Reader& reader, Moment& moment, std::int64_t& hour, std::int64_t& minute, std::int64_t& second) {
  if (reader.at_end()) return true;
  moment.has_time = true;
  if (!reader.one_of("T ", moment.separator)) return false;
  if (!reader.number(2, hour) || !reader.skip(':') || !reader.number(2, minute)) return false;
  if (reader.skip(':')) {
    moment.has_seconds = true;
    if (!reader.number(2, second)) return false;
  }
  return read_offset(reader, moment);
}

void append_padded(std::int64_t value, std::size_t width, std::string& out, char filler = '0') {
  const std::string digits = std::to_string(value);
  if (digits.size() < width) out.append(width - digits.size(), filler);
  out += digits;
}

void append_offset(std::int32_t offset, bool colon, std::string& out) {
  const std::int32_t minutes = std::abs(offset) / 60;
  out += offset < 0 ? '-' : '+';
  append_padded(minutes / 60, 2, out);
  if (colon) out += ':';
  append_padded(minutes % 60, 2, out);
}

// A moment taken apart.
struct Parts {
  explicit Parts(WallSeconds wall) : days(floor_divided(wall, kSecondsADay)), date(civil_from_days(days)) {
    const std::int64_t seconds = wall - days * kSecondsADay;
    hour = seconds / 3600;
    minute = seconds / 60 % 60;
    second = seconds % 60;
  }
  std::int64_t days;
  CivilDate date;
  std::int64_t hour = 0, minute = 0, second = 0;

  [[nodiscard]] std::int64_t day_of_year() const { return days - days_from_civil({date.year, 1, 1}) + 1; }
};

// Year and number of the week as of ISO 8601: a week belongs to the year of its Thursday.
std::pair<std::int64_t, std::int64_t> iso_week(std::int64_t days) {
  const std::int64_t thursday = days - weekday(days) + 3;
  const std::int64_t year = civil_from_days(thursday).year;
  return {year, (thursday - days_from_civil({year, 1, 1})) / 7 + 1};
}

void append_name(const Parts& parts, char directive, std::string& out) {
  const std::string_view day = kDays[static_cast<std::size_t>(weekday(parts.days))];
  const std::string_view month = kMonths[static_cast<std::size_t>(parts.date.month - 1)];
  switch (directive) {
    case 'a':
      out += day.substr(0, 3);
      break;
    case 'A':
      out += day;
      break;
    case 'B':
      out += month;
      break;
    default:
      out += month.substr(0, 3);
      break;  // b h
  }
}

void append_date(const Parts& parts, char directive, std::string& out) {
  const CivilDate& date = parts.date;
  switch (directive) {
    case 'Y':
      append_padded(date.year, 4, out);
      break;
    case 'y':
      append_padded(date.year % 100, 2, out);
      break;
    case 'm':
      append_padded(date.month, 2, out);
      break;
    case 'd':
      append_padded(date.day, 2, out);
      break;
    case 'e':
      append_padded(date.day, 2, out, ' ');
      break;
    case 'j':
      append_padded(parts.day_of_year(), 3, out);
      break;
    case 'u':
      append_padded(weekday(parts.days) + 1, 1, out);
      break;
    case 'w':
      append_padded((weekday(parts.days) + 1) % 7, 1, out);
      break;
    case 'G':
      append_padded(iso_week(parts.days).first, 4, out);
      break;
    case 'V':
      append_padded(iso_week(parts.days).second, 2, out);
      break;
    case 'F':
      append_padded(date.year, 4, out);
      out += '-';
      append_padded(date.month, 2, out);
      out += '-';
      append_padded(date.day, 2, out);
      break;
    default:
      append_name(parts, directive, out);
      break;
  }
}

void append_time(const Parts& parts, char directive, std::string& out) {
  switch (directive) {
    case 'H':
      append_padded(parts.hour, 2, out);
      break;
    case 'I':
      append_padded((parts.hour + 11) % 12 + 1, 2, out);
      break;
    case 'p':
      out += parts.hour < 12 ? "AM" : "PM";
      break;
    case 'M':
      append_padded(parts.minute, 2, out);
      break;
    case 'S':
      append_padded(parts.second, 2, out);
      break;
    default:  // R T
      append_padded(parts.hour, 2, out);
      out += ':';
      append_padded(parts.minute, 2, out);
      if (directive == 'R') break;
      out += ':';
      append_padded(parts.second, 2, out);
      break;
  }
}

}  // namespace

std::int64_t days_from_civil(const CivilDate& date) noexcept {
  const std::int64_t year = date.year - (date.month <= 2 ? 1 : 0);
  const std::int64_t era = floor_divided(year, 400);
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
  const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

CivilDate civil_from_days(std::int64_t days) noexcept {
  days += 719'468;
  const std::int64_t era = floor_divided(days, 146'097);
  const std::int64_t day_of_era = days - era * 146'097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted = (5 * day_of_year + 2) / 153;  // months from March
  const std::int64_t month = shifted + (shifted < 10 ? 3 : -9);
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day_of_year - (153 * shifted + 2) / 5 + 1};
}

std::int64_t days_in_month(std::int64_t year, std::int64_t month) noexcept {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

std::int64_t weekday(std::int64_t days) noexcept { return days + 3 - floor_divided(days + 3, 7) * 7; }

Result<Moment> parse_moment(std::string_view text) {
  Reader reader(text);
  CivilDate date;
  if (!reader.number(4, date.year) || !reader.skip('-') || !reader.number(2, date.month) || !reader.skip('-') ||
      !reader.number(2, date.day)) {
    return refused(kForms);
  }
  Moment moment;
  std::int64_t hour = 0;
  std::int64_t minute = 0;
  std::int64_t second = 0;
  if (!read_time(reader, moment, hour, minute, second)) return refused(kForms);
  if (date.year == 0) return refused("has the year 0; years are from 0001 to 9999");
  if (date.month < 1 || date.month > 12) return refused("has no such month");
  if (date.day < 1 || date.day > days_in_month(date.year, date.month)) {
    return refused("has no such day; the month's last is " + std::to_string(days_in_month(date.year, date.month)));
  }
  if (hour > 23 || minute > 59 || second > 59) return refused("has no such time; the last is 23:59:59");
  moment.wall = days_from_civil(date) * kSecondsADay + hour * 3600 + minute * 60 + second;
  return moment;
}

Result<MomentFormat> MomentFormat::parse(std::string_view text) {
  MomentFormat format;
  for (std::size_t i = 0; i < text.size(); ++i) {
    format.text_ += text[i];
    if (text[i] != '%') continue;
    if (++i == text.size()) return refused("ends in a lone '%'; write '%%' for the character");
    if (text.substr(i).starts_with(":z")) {
      format.text_ += ':';
      ++i;
      continue;
    }
    if (text[i] == ':' || kDirectives.find(text[i]) == std::string_view::npos) {
      return refused("has '%" + std::string(1, text[i]) +
                     "', which is none of %Y %y %m %d %e %j %H %I %p %M %S %F %T %R %a %A %b %B %h %u %w %G %V %s %z "
                     "%:z %n %t %%");
    }
    format.text_ += text[i];
  }
  return format;
}

void MomentFormat::append(WallSeconds wall, std::int32_t offset, std::string& out) const {
  const Parts parts(wall);
  for (std::size_t i = 0; i < text_.size(); ++i) {
    if (text_[i] != '%') {
      out += text_[i];
      continue;
    }
    const char directive = text_[++i];
    switch (directive) {
      case '%':
        out += '%';
        break;
      case 'n':
        out += '\n';
        break;
      case 't':
        out += '\t';
        break;
      case 's':
        out += std::to_string(wall - offset);
        break;
      case 'z':
      case ':':
        append_offset(offset, directive == ':', out);
        break;
      case 'H':
      case 'I':
      case 'p':
      case 'M':
      case 'S':
      case 'R':
      case 'T':
        append_time(parts, directive, out);
        break;
      default:
        append_date(parts, directive, out);
        break;
    }
  }
}

}  // namespace mtask::gen
