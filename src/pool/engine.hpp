#pragma once
// The engine behind mtask::pool::run: runs the jobs of a source.

#include "mtask/pool.hpp"
#include "pool/job.hpp"

namespace mtask::pool {

// As run(), with the jobs of `source` instead of those that the config's inputs and template make.
[[nodiscard]] Result<Summary> run_jobs(const Config& config, JobSource& source, Events& events, StopToken stop);

}  // namespace mtask::pool
