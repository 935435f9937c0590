#pragma once
// Reading single lines of a job log (joblog.hpp has the layout), GNU parallel's own ones too. No state; errors are
// empty results.

#include <cstdint>
#include <optional>
#include <string_view>

namespace mtask::pool {

struct JoblogRecord {
  std::uint64_t seq = 0;
  bool had_input = false;       // it was given something on its standard input
  std::int64_t exit_value = 0;  // -1: killed by a timeout or the like
  std::int64_t signal = 0;
  std::string_view command;  // as it stands in the log: NUL for newline; a view of the line
  [[nodiscard]] bool succeeded() const noexcept { return exit_value == 0 && signal == 0; }
};

// The record in `line`, which has no newline. Nothing when there are not nine fields, or seq (from 1), times, counts,
// exit value and signal are not numbers.
[[nodiscard]] std::optional<JoblogRecord> parse_joblog_line(std::string_view line);

// Does a file that begins with these bytes look like a job log? True for a header, or a part of it where there is no
// more, and for a record, as `parallel --joblog +FILE` writes no header.
[[nodiscard]] bool looks_like_joblog(std::string_view begin);

}  // namespace mtask::pool
