#pragma once
// Jobs that get blocks of standard input as their own (--pipe).

#include <memory>

#include "mtask/pool.hpp"
#include "mtask/result.hpp"
#include "pool/job.hpp"

namespace mtask::pool {

// As open_jobs(), for a Config with `pipe`.
[[nodiscard]] Result<std::unique_ptr<JobSource>> open_blocks(const Config& config, int standard_input);

}  // namespace mtask::pool
