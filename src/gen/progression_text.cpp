#include "gen/progression_text.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>

namespace mtask::gen {
namespace {

constexpr std::size_t kLowDigits = 4;
constexpr std::uint64_t kLowNumbers = 10'000;

// "0000" to "9999": four digits cost one look and one copy.
constexpr auto kQuads = [] {
  std::array<std::array<char, 4>, kLowNumbers> quads{};
  for (std::size_t i = 0; i < quads.size(); ++i) {
    quads[i] = {static_cast<char>('0' + i / 1000), static_cast<char>('0' + i / 100 % 10),
                static_cast<char>('0' + i / 10 % 10), static_cast<char>('0' + i % 10)};
  }
  return quads;
}();

constexpr auto kPowers = [] {
  std::array<std::uint64_t, 20> powers{};
  std::uint64_t power = 1;
  for (std::uint64_t& written : powers) {
    written = power;
    power *= 10;
  }
  return powers;
}();

// From the number of bits, which tells the digits but for one.
std::size_t digit_count(std::uint64_t number) {
  number |= 1U;  // 0 has a digit, too
  const auto guess = static_cast<std::size_t>(std::bit_width(number)) * 1233 >> 12U;
  return guess + (number >= kPowers[guess] ? 1U : 0U);
}

// Writes a number of `count` digits from its end.
char* write_digits(std::uint64_t number, std::size_t count, char* out) noexcept {
  char* at = out + count;
  while (number >= kLowNumbers) {
    at -= kLowDigits;
    std::memcpy(at, kQuads[number % kLowNumbers].data(), kLowDigits);
    number /= kLowNumbers;
  }
  const auto left = static_cast<std::size_t>(at - out);
  std::memcpy(out, kQuads[number].data() + (kLowDigits - left), left);
  return out + count;
}

}  // namespace

char* write_decimal(std::int64_t units, unsigned scale, char* out) noexcept {
  char* begin = out;
  auto number = static_cast<std::uint64_t>(units);
  if (units < 0) {
    *begin++ = '-';
    number = 0 - number;
  }
  char* const end = write_digits(number, digit_count(number), begin);
  if (scale == 0) return end;
  char* const digits = begin;
  const auto count = static_cast<std::size_t>(end - digits);
  if (count > scale) {
    char* const point = end - scale;
    std::memmove(point + 1, point, scale);
    *point = '.';
    return end + 1;
  }
  std::memmove(digits + 2 + (scale - count), digits, count);
  digits[0] = '0';
  digits[1] = '.';
  std::memset(digits + 2, '0', scale - count);
  return digits + 2 + scale;
}

void ProgressionText::append(const Progression& progression, unsigned scale, TextBuffer& out) {
  if (progression.step == 1 && scale == 0 && progression.first >= 0) {
    append_counted(static_cast<std::uint64_t>(progression.first), progression.count, out);
    return;
  }
  char* at = out.room(progression.count * (kDecimalRoom + 1));
  std::int64_t value = progression.first;
  for (std::size_t left = progression.count; left > 0; --left) {
    at = write_decimal(value, scale, at);
    *at++ = end_;
    if (left > 1) value += progression.step;
  }
  out.advance(at);
}

void ProgressionText::append_counted(std::uint64_t first, std::uint64_t count, TextBuffer& out) {
  while (count > 0) {
    const std::uint64_t low = first % kLowNumbers;
    const std::uint64_t block = std::min(count, kLowNumbers - low);
    const std::uint64_t prefix = first / kLowNumbers;
    if (prefix == 0) {
      char* at = out.room(block * (kLowDigits + 1));
      for (std::uint64_t i = 0; i < block; ++i) {
        at = write_decimal(static_cast<std::int64_t>(first + i), 0, at);
        *at++ = end_;
      }
      out.advance(at);
    } else {
      prepare(prefix);
      const std::size_t line = prefix_width_ + kLowDigits + 1;
      out.append(std::string_view(lines_).substr(low * line, block * line));
    }
    first += block;
    count -= block;
  }
}

void ProgressionText::prepare(std::uint64_t prefix) {
  if (prefix == prefix_) return;
  const std::size_t width = digit_count(prefix);
  const std::size_t line = width + kLowDigits + 1;
  std::string digits(width, '0');
  std::to_chars(digits.data(), digits.data() + width, prefix);
  std::size_t same = 0;  // leading digits that stay
  if (prefix_ == 0 || width != prefix_width_) {
    lines_.assign(line * kLowNumbers, end_);
    for (std::uint64_t i = 0; i < kLowNumbers; ++i) {
      char* const at = lines_.data() + i * line + width;
      std::uint64_t low = i;
      for (std::size_t digit = kLowDigits; digit-- > 0; low /= 10) at[digit] = static_cast<char>('0' + low % 10);
    }
  } else {
    while (same + 1 < width && lines_[same] == digits[same]) ++same;
  }
  for (std::size_t digit = same; digit < width; ++digit) {
    const char c = digits[digit];
    char* at = lines_.data() + digit;
    for (std::uint64_t i = 0; i < kLowNumbers; ++i, at += line) *at = c;
  }
  prefix_ = prefix;
  prefix_width_ = width;
}

}  // namespace mtask::gen
