#include "pool/exit_status.hpp"

#include <algorithm>

namespace mtask::pool {

int job_exit_status(const JobResult& result) noexcept {
  if (result.timed_out) return kOtherError;
  if (result.exit_code != 0) return result.exit_code & 0xff;
  return result.signal == 0 ? 0 : 128 + result.signal;
}

int counted_exit_status(std::uint64_t failed) noexcept {
  return static_cast<int>(std::min<std::uint64_t>(failed, kMostCounted));
}

int percent_exit_status(std::uint64_t failed, std::uint64_t jobs) noexcept {
  jobs = std::max<std::uint64_t>(jobs, 1);
  if (failed >= jobs) return failed == 0 ? 0 : 100;
  __extension__ using Wide = unsigned __int128;
  return static_cast<int>((Wide{failed} * 100 + jobs - 1) / jobs);
}

}  // namespace mtask::pool
