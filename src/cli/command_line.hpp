#pragma once
// Reads a command's arguments.

#include <string>
#include <vector>

#include "cli/option.hpp"
#include "cli/settings.hpp"
#include "mtask/result.hpp"

namespace mtask::cli {

struct CommandLine {
  std::vector<Setting> settings;      // in the order given, over all options
  std::vector<std::string> operands;  // everything else; raw bytes

  [[nodiscard]] bool has(std::string_view option) const;
};

// `arguments` without the names of program and command. Sets nothing; refuses what the table doesn't know, with the
// nearest name that it does. "--" ends the options, and so does the first operand where `options_first` says so.
[[nodiscard]] Result<CommandLine> parse_command_line(const OptionTable& table,
                                                     const std::vector<std::string>& arguments,
                                                     bool options_first = false);

}  // namespace mtask::cli
