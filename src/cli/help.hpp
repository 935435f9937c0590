#pragma once
// --help, laid out for 80 columns from a command's page and options.

#include <string>

#include "cli/command.hpp"

namespace mtask::cli {

[[nodiscard]] std::string help(const Command& command);

}  // namespace mtask::cli
