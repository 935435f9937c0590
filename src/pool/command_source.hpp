#pragma once
// Jobs whose commands are made from values.

#include <memory>

#include "mtask/pool.hpp"
#include "mtask/result.hpp"
#include "pool/job.hpp"

namespace mtask::pool {

// As open_jobs(), for a Config without `pipe`.
[[nodiscard]] Result<std::unique_ptr<JobSource>> open_commands(const Config& config, int standard_input);

}  // namespace mtask::pool
