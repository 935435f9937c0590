#pragma once
// Sizes, durations and rates as people write them, and numbers as people read them. All independent of the locale.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "mtask/result.hpp"

namespace mtask {

// All parsers take the whole text, without blanks, and fail with a usage error that says what is allowed.

// Bytes: 4096; 64K, 1M, 1.5G, 64KiB (powers of 1024; K M G T P E in either case); 1KB, 1MB (powers of 1000).
// What a fraction leaves below one byte is dropped.
[[nodiscard]] Result<std::uint64_t> parse_size(std::string_view text);

// 250ms, 2s, 1.5h, 1m30s: units ns us ms s m h d, each once, the greater first. A bare number means seconds.
[[nodiscard]] Result<std::chrono::nanoseconds> parse_duration(std::string_view text);

// Bytes a second: a size, with or without "/s".
[[nodiscard]] Result<std::uint64_t> parse_rate(std::string_view text);

// "512 B", "1.4 GiB", "123 MiB": powers of 1024, rounded.
[[nodiscard]] std::string format_size(std::uint64_t bytes);

// "12 ms", "3.2 s", "1m32s", "2h05m", "3d04h": rounded.
[[nodiscard]] std::string format_duration(std::chrono::nanoseconds duration);

// "12,345"
[[nodiscard]] std::string format_count(std::uint64_t count);

}  // namespace mtask
