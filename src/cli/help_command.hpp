#pragma once
// `mtask help [COMMAND]`.

#include "cli/command.hpp"

namespace mtask::cli {

[[nodiscard]] const Page& help_page();
[[nodiscard]] std::unique_ptr<Action> make_help();

}  // namespace mtask::cli
