#pragma once
// Exit values, of jobs and of the run, as GNU parallel has them (its manual, EXIT STATUS). Pure functions.

#include <cstdint>

#include "pool/job.hpp"

namespace mtask::pool {

inline constexpr int kMostCounted = 101;  // more than 100 jobs failed
inline constexpr int kOtherError = 255;   // the run itself failed

// A job fails by an exit code, a signal or a timeout.
[[nodiscard]] constexpr bool has_failed(const JobResult& result) noexcept {
  return result.exit_code != 0 || result.signal != 0 || result.timed_out;
}

// The value of one job, 0 to 255: its exit code, 128 + the signal it died of, or 255 after a timeout (parallel notes
// that as -1).
[[nodiscard]] int job_exit_status(const JobResult& result) noexcept;

// 0 to 100: so many jobs failed; 101: more.
[[nodiscard]] int counted_exit_status(std::uint64_t failed) noexcept;

// The share of failed jobs, 0 to 100, rounded up; `jobs` 0 counts as 1.
[[nodiscard]] int percent_exit_status(std::uint64_t failed, std::uint64_t jobs) noexcept;

}  // namespace mtask::pool
