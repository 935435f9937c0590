#pragma once
// The long texts of the manual page of `mtask gen`; those of stages come from their table.

#include <string>
#include <string_view>
#include <vector>

#include "cli/page.hpp"

namespace mtask::cli {

[[nodiscard]] std::string_view gen_description();
[[nodiscard]] std::vector<Section> gen_sections();

// "Sources:" and "Combinators:", a line each, for --help.
[[nodiscard]] std::string gen_stage_list();

[[nodiscard]] std::vector<std::string_view> gen_stage_names();

// --help of the last stage that the words of a pipeline name, with its options; empty where they name none.
[[nodiscard]] std::string gen_stage_help(const std::vector<std::string>& words);

}  // namespace mtask::cli
