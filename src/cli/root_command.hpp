#pragma once
// `mtask` without a command: --help and --version.

#include "cli/command.hpp"

namespace mtask::cli {

[[nodiscard]] const Page& root_page();
[[nodiscard]] std::unique_ptr<Action> make_root();

}  // namespace mtask::cli
