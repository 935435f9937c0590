#pragma once
// The manual's texts on `mtask copy`, as roff.

#include <string_view>
#include <vector>

#include "cli/page.hpp"

namespace mtask::cli {

[[nodiscard]] std::string_view copy_description();

// FILTER RULES, JSON EVENTS and what else stands between OPTIONS and EXIT STATUS.
[[nodiscard]] std::vector<Section> copy_sections();

}  // namespace mtask::cli
