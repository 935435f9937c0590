#include "pool/retry_policy.hpp"

#include <algorithm>

#include "pool/exit_status.hpp"

namespace mtask::pool {

RetryPolicy::RetryPolicy(std::uint32_t tries, Milliseconds backoff, Milliseconds cap)
    : tries_(tries), backoff_(std::max(backoff, Milliseconds{0})), cap_(std::max(cap, backoff_)) {}

std::optional<Milliseconds> RetryPolicy::again(const JobResult& result) const {
  if (!has_failed(result) || (tries_ != 0 && result.runs >= tries_)) return std::nullopt;
  Milliseconds pause = backoff_;
  for (std::uint32_t run = 1; run < result.runs && pause < cap_; ++run) {
    if (pause == Milliseconds{0}) break;
    pause = pause > cap_ / 2 ? cap_ : pause * 2;
  }
  return pause;
}

}  // namespace mtask::pool
