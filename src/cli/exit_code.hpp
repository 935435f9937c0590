#pragma once
// The one place where the outcome of a run becomes an exit code.

#include <vector>

#include "cli/context.hpp"
#include "cli/page.hpp"
#include "mtask/result.hpp"

namespace mtask::cli {

// For the help and the manual of a page, in ascending order.
[[nodiscard]] const std::vector<ExitMeaning>& exit_meanings(const Page& page);

[[nodiscard]] int exit_code(const Result<void>& outcome, const Context& context);

}  // namespace mtask::cli
