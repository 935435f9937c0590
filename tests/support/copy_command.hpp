#pragma once
// `mtask copy` as the subject of a test, in an environment where no configuration of the machine reaches it.

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "support/command.hpp"
#include "support/places.hpp"

namespace mtask::test {

// The command line `mtask ARGS…`.
[[nodiscard]] Command mtask_command(const std::vector<std::string>& args, const std::string& binary = mtask_binary());

// Names that a copy which is over must not leave behind, below `root`.
[[nodiscard]] std::vector<std::string> temporary_names(const std::filesystem::path& root);

[[nodiscard]] std::size_t count_lines(const std::string& text);

// `mtask copy ARGS… --workers 3`
[[nodiscard]] Command copy_command(std::vector<std::string> args);
[[nodiscard]] Outcome copy(std::vector<std::string> args);
// For tests that kill workers. A sanitizer's search for leaks is done by a child, which would be taken for a worker;
// the program then waits for that child forever.
[[nodiscard]] Command killable_copy(std::vector<std::string> args);

}  // namespace mtask::test
