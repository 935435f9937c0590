#pragma once
// Runs `mtask gen` as a test's subject.

#include <string>
#include <vector>

#include "support/command.hpp"

namespace mtask::test {

// The command with these arguments, without the user's configuration.
[[nodiscard]] Command gen_command(std::vector<std::string> arguments, std::string input = {}, std::string cwd = {});
Outcome gen(std::vector<std::string> arguments, std::string input = {}, std::string cwd = {});

// The arguments of a line, parted at blanks; '…' keeps blanks.
[[nodiscard]] std::vector<std::string> words_of(const std::string& line);

}  // namespace mtask::test
