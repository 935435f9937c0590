#include "gen/number.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace mtask::gen {
namespace {

constexpr std::array<std::int64_t, kMaxScale + 1> kPowers = [] {
  std::array<std::int64_t, kMaxScale + 1> powers{};
  std::int64_t power = 1;
  for (std::size_t i = 0; i<powers.size(); ++i, power *= i> kMaxScale ? 1 : 10) powers[i] = power;
  return powers;
}();

bool is_digit(char c) { return c >= '0' && c <= '9'; }

Unexpected refused(const char* reason) { return Unexpected(usage_error(reason)); }

// The digits of "-12.50" and where its point stands.
struct Digits {
  bool negative = false;
  std::string digits;
  long scale = 0;  // digits after the point, less the exponent
};

std::optional<Digits> read_digits(std::string_view text) {
  Digits read;
  if (text.starts_with('-') || text.starts_with('+')) {
    read.negative = text.front() == '-';
    text.remove_prefix(1);
  }
  std::size_t at = 0;
  bool point = false;
  for (; at < text.size() && (is_digit(text[at]) || (text[at] == '.' && !point)); ++at) {
    if (text[at] == '.') {
      point = true;
      continue;
    }
    read.digits += text[at];
    if (point) ++read.scale;
  }
  if (read.digits.empty()) return std::nullopt;
  if (at == text.size()) return read;
  if (text[at] != 'e' && text[at] != 'E') return std::nullopt;
  std::string_view exponent = text.substr(at + 1);
  if (exponent.starts_with('+')) exponent.remove_prefix(1);
  int value = 0;
  const auto [end, error] = std::from_chars(exponent.data(), exponent.data() + exponent.size(), value);
  if (exponent.empty() || error != std::errc() || end != exponent.data() + exponent.size()) return std::nullopt;
  read.scale -= value;
  return read;
}

}  // namespace

Result<Decimal> parse_decimal(std::string_view text) {
  auto read = read_digits(text);
  if (!read) return refused("is not a number");
  while (read->digits.size() > 1 && read->digits.front() == '0') read->digits.erase(0, 1);
  if (read->scale < 0 && read->digits != "0") {
    if (read->scale < -19) return refused("is out of range");
    read->digits.append(static_cast<std::size_t>(-read->scale), '0');
  }
  Decimal number;
  if (read->scale > static_cast<long>(kMaxScale)) return refused("has too many digits after the point");
  number.scale = read->scale > 0 ? static_cast<unsigned>(read->scale) : 0;
  const std::string digits = (read->negative ? "-" : "") + read->digits;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number.units);
  if (error != std::errc() || end != digits.data() + digits.size()) return refused("is out of range");
  return number;
}

std::optional<std::int64_t> rescale(const Decimal& number, unsigned scale) {
  if (scale > kMaxScale) return std::nullopt;
  if (scale >= number.scale) {
    std::int64_t units = 0;
    if (__builtin_mul_overflow(number.units, kPowers[scale - number.scale], &units)) return std::nullopt;
    return units;
  }
  const std::int64_t power = kPowers[number.scale - scale];
  return number.units / power - (number.units % power < 0 ? 1 : 0);
}

void append_decimal(std::int64_t units, unsigned scale, std::string& out) {
  std::array<char, 24> text{};
  char* const begin = text.data();
  const char* const end = std::to_chars(begin, begin + text.size(), units).ptr;
  if (scale == 0) {
    out.append(static_cast<const char*>(begin), end);
    return;
  }
  const char* digits = begin;
  if (*digits == '-') {
    out += '-';
    ++digits;
  }
  const auto count = static_cast<std::size_t>(end - digits);
  if (count <= scale) {
    out += "0.";
    out.append(scale - count, '0');
    out.append(digits, end);
    return;
  }
  out.append(digits, end - scale);
  out += '.';
  out.append(end - scale, end);
}

void append_real(double value, std::string& out) {
  std::array<char, 32> text{};
  if (std::isnan(value)) {
    out += "nan";
    return;
  }
  // Whole numbers as people write them, as long as each digit is true.
  const bool whole = std::abs(value) < 9007199254740992.0 && value == std::floor(value);
  const auto format = whole ? std::chars_format::fixed : std::chars_format::general;
  const char* end = whole ? std::to_chars(text.data(), text.data() + text.size(), value, format).ptr
                          : std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  out.append(static_cast<const char*>(text.data()), end);
}

bool is_plain_number(std::string_view text) {
  if (text.size() > 1 && text.front() == '-') {
    text.remove_prefix(1);
    if (text == "0") return false;
  }
  std::size_t at = 0;
  while (at < text.size() && is_digit(text[at])) ++at;
  if (at == 0 || (at > 1 && text.front() == '0')) return false;
  if (at == text.size()) return true;
  if (text[at] != '.' || at + 1 == text.size()) return false;
  for (++at; at < text.size(); ++at) {
    if (!is_digit(text[at])) return false;
  }
  return true;
}

double to_double(std::int64_t units, unsigned scale) {
  return static_cast<double>(units) / static_cast<double>(kPowers[scale]);
}

}  // namespace mtask::gen
