#pragma once
// When the run ends before all jobs are done (--halt), and the exit value it then has, as GNU parallel's manual says
// (--halt, EXIT STATUS).
//
//   now|soon , fail|success|done = N | N%     never, 0: no halt     1, 2: soon, now at the first failure
//                                             -1, -2: soon, now at the first success     N%: soon,fail=N%
//
// A share is one of all jobs of the run. It is judged only once three jobs are done, as older versions of parallel did:
// a first job that fails would be 100 % of what is known. (Version 20221122 doesn't wait.) While the number of jobs is
// not known, a share halts nothing.
//
// No system calls, errors by parse_halt() alone. Not thread-safe.

#include <cstdint>
#include <optional>
#include <string_view>

#include "mtask/pool.hpp"
#include "mtask/result.hpp"
#include "pool/job.hpp"

namespace mtask::pool {

// The error lists what is accepted.
[[nodiscard]] Result<Halt> parse_halt(std::string_view text);

class HaltPolicy {
 public:
  explicit HaltPolicy(const Halt& halt) noexcept : halt_(halt) {}

  // Tells the final end of a job (not of a run that will be retried, nor of a job that a halt killed). `total`: how
  // many jobs the run has, where that is known. Answers what to do from now on: go on (kNever), start no more jobs
  // (kSoon), or kill those that run as well (kNow). Once halted, the answer stays.
  Halt::When ended(const JobResult& result, std::optional<std::uint64_t> total);

  [[nodiscard]] bool halted() const noexcept { return value_.has_value(); }
  [[nodiscard]] std::uint64_t failed() const noexcept { return failed_; }

  // What the run exits with. Halted by fail=1 or done=1: the value of the job that did it. By another count: the number
  // of jobs failed until then, to 101. By a share: the share of failed jobs. By success: 0. Not halted: the number of
  // failed jobs, or where a share was asked for, their share of those that ended.
  [[nodiscard]] int exit_status() const noexcept;

 private:
  [[nodiscard]] bool reached(std::optional<std::uint64_t> total) const noexcept;

  Halt halt_;
  std::uint64_t done_ = 0;
  std::uint64_t failed_ = 0;
  std::optional<int> value_;  // of the run, once halted
};

}  // namespace mtask::pool
