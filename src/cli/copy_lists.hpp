#pragma once
// The lists that `mtask copy` reads from files.

#include <string>
#include <string_view>
#include <vector>

#include "mtask/copy.hpp"
#include "mtask/result.hpp"

namespace mtask::cli {

// The lines of --exclude-from, as rsync writes them. An error names the line.
[[nodiscard]] Result<std::vector<copy::FilterRule>> parse_rules(std::string_view text);

// The paths of --files-from: relative, no empty or "." components, no slash at the end. Empty entries are left out;
// ".." as a component is an error. Order and repetitions are kept.
[[nodiscard]] Result<std::vector<std::string>> parse_paths(std::string_view text, char separator);

}  // namespace mtask::cli
