#pragma once
// What `mtask --version` prints.

#include <string>

namespace mtask::cli {

// Name and version, commit, libraries; each on a line of its own.
[[nodiscard]] std::string version_text();

}  // namespace mtask::cli
