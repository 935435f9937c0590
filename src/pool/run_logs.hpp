#pragma once
// The files that outlive a run: the log it writes, what an earlier one says was done, where outputs are kept. Owned by
// the engine, used by the supervisor alone.

#include <optional>

#include "mtask/pool.hpp"
#include "mtask/result.hpp"
#include "pool/joblog.hpp"
#include "pool/results_layout.hpp"
#include "pool/resume.hpp"

namespace mtask::pool {

struct RunLogs {
  std::optional<Joblog> joblog;
  std::optional<ResumeLog> done;
  std::optional<ResultsLayout> results;

  // Whatever the config asks for; nothing in a dry run but the look at what was done.
  [[nodiscard]] static Result<RunLogs> open(const Config& config);
};

}  // namespace mtask::pool
