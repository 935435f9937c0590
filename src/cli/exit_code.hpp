#pragma once
// The one place where the outcome of a run becomes an exit code.

#include <string_view>
#include <vector>

#include "cli/context.hpp"
#include "mtask/result.hpp"

namespace mtask::cli {

struct ExitMeaning {
  std::string_view code;
  std::string_view meaning;  // one sentence without its full stop
};

// For help and manuals, in ascending order.
[[nodiscard]] const std::vector<ExitMeaning>& exit_meanings();

[[nodiscard]] int exit_code(const Result<void>& outcome, const Context& context);

}  // namespace mtask::cli
