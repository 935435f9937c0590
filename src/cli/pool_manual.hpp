#pragma once
// The long texts of the manual page of `mtask pool`.

#include <string_view>
#include <vector>

#include "cli/page.hpp"

namespace mtask::cli {

[[nodiscard]] std::string_view pool_description();
[[nodiscard]] std::vector<Section> pool_sections();

}  // namespace mtask::cli
