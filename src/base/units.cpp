#include "base/units.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <optional>

#include "base/text.hpp"

namespace mtask {
namespace {

__extension__ using Wide = unsigned __int128;

// A number without sign or exponent, digit by digit, so that 1.1G is exact and nothing overflows unseen.
struct Decimal {
  std::uint64_t whole = 0;
  std::uint64_t fraction = 0;  // in units of 1/scale
  std::uint64_t scale = 1;

  // In units of 1/unit, rounded down; none when it doesn't fit `limit`.
  [[nodiscard]] std::optional<std::uint64_t> times(std::uint64_t unit, std::uint64_t limit) const {
    const Wide value = Wide{whole} * unit + Wide{fraction} * unit / scale;
    if (value > limit) return std::nullopt;
    return static_cast<std::uint64_t>(value);
  }
};

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes a number off the front of `text`; none when there is no digit or it passes 64 bits. Digits of a fraction past
// the 18th are too small to matter.
std::optional<Decimal> take_decimal(std::string_view& text) {
  Decimal number;
  std::size_t i = 0;
  for (; i < text.size() && is_digit(text[i]); ++i) {
    const auto digit = static_cast<std::uint64_t>(text[i] - '0');
    if (number.whole > (std::numeric_limits<std::uint64_t>::max() - digit) / 10) return std::nullopt;
    number.whole = number.whole * 10 + digit;
  }
  if (i == 0) return std::nullopt;
  if (i + 1 < text.size() && text[i] == '.' && is_digit(text[i + 1])) {
    constexpr std::uint64_t kFinest = 1'000'000'000'000'000'000;
    for (++i; i < text.size() && is_digit(text[i]); ++i) {
      if (number.scale == kFinest) continue;
      number.fraction = number.fraction * 10 + static_cast<std::uint64_t>(text[i] - '0');
      number.scale *= 10;
    }
  }
  text.remove_prefix(i);
  return number;
}

constexpr char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

// The bytes in one of `unit` ("", "B", "K", "KB", "KiB", …); 0 when there is no such unit.
std::uint64_t size_unit(std::string_view unit) {
  if (unit.empty() || unit == "B" || unit == "b") return 1;
  constexpr std::string_view kPrefixes = "KMGTPE";
  const std::size_t power = kPrefixes.find(upper(unit[0]));
  if (power == std::string_view::npos) return 0;
  unit.remove_prefix(1);
  std::uint64_t base = 0;
  if (unit.empty() || (unit.size() == 2 && upper(unit[0]) == 'I' && upper(unit[1]) == 'B')) base = 1024;
  if (unit.size() == 1 && upper(unit[0]) == 'B') base = 1000;
  std::uint64_t bytes = base;
  for (std::size_t i = 0; i < power; ++i) bytes *= base;
  return bytes;
}

std::optional<std::uint64_t> size_of(std::string_view text) {
  const std::optional<Decimal> number = take_decimal(text);
  if (!number) return std::nullopt;
  const std::uint64_t unit = size_unit(text);
  if (unit == 0 || (unit == 1 && number->scale != 1)) return std::nullopt;
  return number->times(unit, std::numeric_limits<std::uint64_t>::max());
}

struct TimeUnit {
  std::string_view name;
  std::uint64_t nanoseconds;
};

constexpr std::array kTimeUnits = {
    TimeUnit{"d", 86'400'000'000'000},
    TimeUnit{"h", 3'600'000'000'000},
    TimeUnit{"m", 60'000'000'000},
    TimeUnit{"s", 1'000'000'000},
    TimeUnit{"ms", 1'000'000},
    TimeUnit{"us", 1'000},
    TimeUnit{"ns", 1},
};

constexpr std::uint64_t kLongest = std::numeric_limits<std::int64_t>::max();

std::optional<std::uint64_t> duration_of(std::string_view text) {
  std::uint64_t sum = 0;
  std::size_t next_unit = 0;
  const bool any = !text.empty();
  for (bool first = true; !text.empty(); first = false) {
    const std::optional<Decimal> number = take_decimal(text);
    if (!number) return std::nullopt;
    if (first && text.empty()) return number->times(1'000'000'000, kLongest);
    const auto is_not_letter = [](char c) { return c < 'a' || c > 'z'; };
    const auto end = std::find_if(text.begin(), text.end(), is_not_letter);
    const std::string_view name = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    while (next_unit < kTimeUnits.size() && kTimeUnits[next_unit].name != name) ++next_unit;
    if (next_unit == kTimeUnits.size()) return std::nullopt;
    const auto part = number->times(kTimeUnits[next_unit].nanoseconds, kLongest - sum);
    if (!part) return std::nullopt;
    sum += *part;
    ++next_unit;
    text.remove_prefix(name.size());
  }
  if (!any) return std::nullopt;
  return sum;
}

// `tenths` as "12.3".
std::string one_decimal(std::uint64_t tenths) {
  return std::to_string(tenths / 10) + '.' + static_cast<char>('0' + tenths % 10);
}

std::string two_digits(std::uint64_t number) { return (number < 10 ? "0" : "") + std::to_string(number); }

constexpr std::uint64_t rounded(std::uint64_t value, std::uint64_t unit) {
  return value / unit + (value % unit >= unit - unit / 2 ? 1 : 0);
}

std::string format_seconds(std::uint64_t seconds) {
  if (seconds < 3600) return std::to_string(seconds / 60) + 'm' + two_digits(seconds % 60) + 's';
  constexpr std::uint64_t kDay = 1440;  // minutes
  const std::uint64_t minutes = rounded(seconds, 60);
  if (minutes < kDay) return std::to_string(minutes / 60) + 'h' + two_digits(minutes % 60) + 'm';
  const std::uint64_t hours = rounded(seconds, 3600);
  return std::to_string(hours / 24) + 'd' + two_digits(hours % 24) + 'h';
}

}  // namespace

Result<std::uint64_t> parse_size(std::string_view text) {
  if (const auto size = size_of(text)) return *size;
  return Unexpected(usage_error(quote(text) + " is not a size below 16E: write bytes as 4096, powers of 1024 as 64K, "
                                              "1.5G or 64KiB, powers of 1000 as 1MB (K, M, G, T, P, E)"));
}

Result<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  if (const auto duration = duration_of(text)) {
    return std::chrono::nanoseconds(static_cast<std::int64_t>(*duration));
  }
  return Unexpected(usage_error(quote(text) + " is not a duration below 292 years: write 250ms, 2s, 1m30s or 1.5h "
                                              "(ns, us, ms, s, m, h, d); a bare number means seconds"));
}

Result<std::uint64_t> parse_rate(std::string_view text) {
  std::string_view size = text;
  if (size.ends_with("/s")) size.remove_suffix(2);
  if (const auto rate = size_of(size)) return *rate;
  return Unexpected(usage_error(quote(text) + " is not a rate in bytes a second: write 50000, 10M, 1.5MB or 10M/s "
                                              "(K, M, G, T, P, E: powers of 1024; KB, MB, …: of 1000)"));
}

std::string format_size(std::uint64_t bytes) {
  if (bytes < 1024) return std::to_string(bytes) + " B";
  constexpr std::array<std::string_view, 6> kUnits = {" KiB", " MiB", " GiB", " TiB", " PiB", " EiB"};
  std::uint64_t unit = 1024;
  std::size_t power = 0;
  // Judged after rounding, so that 1023.9 KiB becomes 1.0 MiB and not 1024 KiB.
  while (power + 1 < kUnits.size() && rounded(bytes, unit) >= 1024) {
    unit *= 1024;
    ++power;
  }
  const auto tenths = static_cast<std::uint64_t>((Wide{bytes} * 10 + unit / 2) / unit);
  std::string text = tenths < 1000 ? one_decimal(tenths) : std::to_string(rounded(bytes, unit));
  return text.append(kUnits[power]);
}

std::string format_duration(std::chrono::nanoseconds duration) {
  const std::int64_t count = duration.count();
  if (count < 0) return '-' + format_duration(-std::max(duration, -std::chrono::nanoseconds::max()));
  const auto ns = static_cast<std::uint64_t>(count);
  if (ns < 1'000) return std::to_string(ns) + " ns";
  if (rounded(ns, 1'000) < 1'000) return std::to_string(rounded(ns, 1'000)) + " us";
  if (rounded(ns, 1'000'000) < 1'000) return std::to_string(rounded(ns, 1'000'000)) + " ms";
  const std::uint64_t tenths = rounded(ns, 100'000'000);
  if (tenths < 600) return one_decimal(tenths) + " s";
  return format_seconds(rounded(ns, 1'000'000'000));
}

std::string format_count(std::uint64_t count) {
  std::string text = std::to_string(count);
  for (std::size_t i = text.size(); i > 3;) {
    i -= 3;
    text.insert(i, 1, ',');
  }
  return text;
}

}  // namespace mtask
