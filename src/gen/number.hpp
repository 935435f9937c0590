#pragma once
// Exact decimal numbers: 64-bit integers that count units of 10^-scale, and their texts.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mtask/result.hpp"

namespace mtask::gen {

inline constexpr unsigned kMaxScale = 18;

struct Decimal {
  std::int64_t units = 0;
  unsigned scale = 0;

  friend bool operator==(const Decimal&, const Decimal&) = default;
};

// 12, -0.50 (keeps its two digits), 1e6, 2.5e3, 1e-3. The reason of a failure is a phrase: "is not a number",
// "is out of range".
[[nodiscard]] Result<Decimal> parse_decimal(std::string_view text);

// The same number with another scale; nothing where it does not fit in 64 bits. Digits that the new scale lacks are cut
// off towards minus infinity.
[[nodiscard]] std::optional<std::int64_t> rescale(const Decimal& number, unsigned scale);

void append_decimal(std::int64_t units, unsigned scale, std::string& out);
// Shortest text that reads back as the same double; inf, -inf, nan.
void append_real(double value, std::string& out);

// The number that `text` is the text of: true for "7", "-2.5" and "0.10", false for "007", "1e3", "+1", "-0" and "1.".
[[nodiscard]] bool is_plain_number(std::string_view text);

[[nodiscard]] double to_double(std::int64_t units, unsigned scale);

}  // namespace mtask::gen
