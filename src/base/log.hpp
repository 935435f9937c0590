#pragma once
// Telling what goes on: to stderr as plain lines, and with time and level into a log file when there is one.
//
// A line is one write(2) to an fd (O_APPEND for the file), nothing is buffered: lines of several processes don't mix,
// a forked child repeats nothing, and a crash loses nothing. Newlines and terminal controls in a text are escaped.
// Thread-safe after init(); before it, errors and warnings go to stderr.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mtask/result.hpp"

namespace mtask::log {

enum class Level : std::uint8_t { kError, kWarning, kInfo, kDebug };

// stderr takes what is at least as grave as `level`; `file` is appended to and takes everything. May be called again.
// Fails when the file cannot be opened (a usage error: nothing was touched yet).
[[nodiscard]] Result<void> init(Level level, const std::optional<std::string>& file);

// Fails (kItem) when a line could not be written to the log file; what came after it may be there.
[[nodiscard]] Result<void> check_file();

void error(std::string_view text);
void warn(std::string_view text);
void info(std::string_view text);
void debug(std::string_view text);

// The library behind it, for --version: "spdlog 1.10.0".
[[nodiscard]] std::string library();

// Into the log file alone, for what is shown on stderr by other means (above a progress bar, or only counted).
void record(Level level, std::string_view text);

}  // namespace mtask::log
