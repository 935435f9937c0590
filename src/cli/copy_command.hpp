#pragma once
// The row of `mtask copy` in the table of commands.

#include "cli/command.hpp"

namespace mtask::cli {

[[nodiscard]] const Page& copy_page();
[[nodiscard]] std::unique_ptr<Action> make_copy();

}  // namespace mtask::cli
