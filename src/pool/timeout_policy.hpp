#pragma once
// How long a job may run (--timeout): a fixed time, or a share of the median run time of the successful jobs so far,
// once three of them are known.
//
// The median is of all of them, in constant memory (about 30 KiB): run times in microseconds are counted in buckets
// that are 1/64 wide at most, exact below 128 us. Two heaps would grow with each job, and a P² estimate goes astray
// where jobs are of two kinds; this is at most 1.6 % too long, never too short. Of an even number of jobs the shorter
// middle one counts, as with parallel.
//
// No system calls, errors by parse_timeout() alone. Not thread-safe.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "mtask/pool.hpp"
#include "mtask/result.hpp"

namespace mtask::pool {

// A duration ("10", "1.5h", "1m30s", as parse_duration() takes them), or "300%". "0" is no timeout. Times are rounded
// up to whole milliseconds.
[[nodiscard]] Result<Timeout> parse_timeout(std::string_view text);

class TimeoutPolicy {
 public:
  explicit TimeoutPolicy(const Timeout& timeout);

  // Tells the run time of a successful job.
  void succeeded(std::chrono::duration<double> runtime);

  // What a job may run for by what is known now, at least 1 ms; nothing: as long as it likes. It changes with each
  // successful job, also for the jobs that are running.
  [[nodiscard]] std::optional<Milliseconds> current() const;

 private:
  void move_median();

  Timeout timeout_;
  std::vector<std::uint64_t> buckets_;  // empty unless a share was asked for
  std::uint64_t jobs_ = 0;
  std::size_t median_ = 0;    // the bucket that has it
  std::uint64_t before_ = 0;  // jobs in the buckets before that
};

}  // namespace mtask::pool
