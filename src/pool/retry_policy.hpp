#pragma once
// Whether and when a failed job runs again (--retries, and the pauses between the runs). Constant; any thread may ask.

#include <cstdint>
#include <optional>

#include "mtask/pool.hpp"
#include "pool/job.hpp"

namespace mtask::pool {

inline constexpr Milliseconds kLongestBackoff{300'000};  // pauses double up to this

class RetryPolicy {
 public:
  // At most `tries` runs of a job; 0: no limit, as GNU parallel has it. `backoff` is the pause before the second run;
  // it doubles with each run, to the longer of `cap` and itself.
  RetryPolicy(std::uint32_t tries, Milliseconds backoff, Milliseconds cap = kLongestBackoff);

  // After an end of a job, whose `runs` counts this one too: the pause before its next run. Nothing: this was the last
  // run, because it was a success or the tries are used up.
  [[nodiscard]] std::optional<Milliseconds> again(const JobResult& result) const;

 private:
  std::uint32_t tries_;
  Milliseconds backoff_;
  Milliseconds cap_;
};

}  // namespace mtask::pool
