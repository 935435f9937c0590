#pragma once
// --help, laid out for 80 columns from a command's page and options.

#include <string>
#include <string_view>
#include <vector>

#include "cli/command.hpp"

namespace mtask::cli {

// Of the part of the command that `operands` name, where it has such parts; else of the whole.
[[nodiscard]] std::string help(const Command& command, const std::vector<std::string>& operands = {});

// Appends a line "  TERM      TEXT"; text that is too long for it goes on below itself.
void add_help_entry(std::string& into, const std::string& term, std::string_view text);

// Appends `text` broken at blanks, and a line's end.
void add_help_text(std::string& into, std::string_view text);

}  // namespace mtask::cli
