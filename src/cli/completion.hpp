#pragma once
// `mtask completion SHELL`: scripts made from the tables of commands and options.

#include <string>

#include "cli/command.hpp"

namespace mtask::cli {

[[nodiscard]] const Page& completion_page();
[[nodiscard]] std::unique_ptr<Action> make_completion();

[[nodiscard]] std::string bash_completion();
[[nodiscard]] std::string zsh_completion();
[[nodiscard]] std::string fish_completion();

}  // namespace mtask::cli
