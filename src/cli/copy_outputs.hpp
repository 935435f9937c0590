#pragma once
// What a run writes about itself must not be what it copies.

#include "cli/copy_arguments.hpp"
#include "mtask/result.hpp"

namespace mtask::cli {

// Refuses (kUsage) a log, report, trace or JSON file that is a source, the destination, what a source becomes inside
// it, or another of these files. Opens and makes nothing.
[[nodiscard]] Result<void> keep_outputs_apart(const SharedArguments& arguments, const copy::Config& config);

}  // namespace mtask::cli
