#pragma once
// Makes the source of a run's jobs from its Config.

#include <unistd.h>

#include <memory>

#include "mtask/pool.hpp"
#include "mtask/result.hpp"
#include "pool/job.hpp"

namespace mtask::pool {

// Opens the inputs and looks at all of Config that says what is run: `command`, `inputs`, `pipe`, `results`; `slots`
// for -m and -X, `halt.percent`, for which the jobs are counted first. Nothing is read yet but what is there at once.
// Usage errors for what cannot be; kUnavailable for an input that cannot be opened. `standard_input` is not owned.
[[nodiscard]] Result<std::unique_ptr<JobSource>> open_jobs(const Config& config, int standard_input = STDIN_FILENO);

}  // namespace mtask::pool
