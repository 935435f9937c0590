#pragma once
// From the program's arguments to its exit code.

#include <string>
#include <vector>

#include "cli/context.hpp"
#include "cli/environment.hpp"
#include "mtask/stop.hpp"

namespace mtask::cli {

// `arguments` without the program's name. Writes to standard output and standard error, flushed when it returns.
// Exceptions (bugs, out of memory) become an error line and exit code 3.
[[nodiscard]] int dispatch(const std::vector<std::string>& arguments, const Environment& environment, StopSource& stop);

}  // namespace mtask::cli
