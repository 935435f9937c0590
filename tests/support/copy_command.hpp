#pragma once
// `mtask copy` as the subject of a test, in an environment where no configuration of the machine reaches it.
// For targets that define MTASK_BINARY.

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "support/command.hpp"
#include "support/sanitizer.hpp"

namespace mtask::test {

// The command line `mtask ARGS…`.
[[nodiscard]] Command mtask_command(const std::vector<std::string>& args, const std::string& binary);

// Names that a copy which is over must not leave behind, below `root`.
[[nodiscard]] std::vector<std::string> temporary_names(const std::filesystem::path& root);

[[nodiscard]] std::size_t count_lines(const std::string& text);

#ifdef MTASK_BINARY
// `mtask copy ARGS… --workers 3`
[[nodiscard]] inline Command copy_command(std::vector<std::string> args) {
  args.insert(args.begin(), "copy");
  args.insert(args.end(), {"--workers", "3"});
  return mtask_command(args, MTASK_BINARY);
}
[[nodiscard]] inline Outcome copy(std::vector<std::string> args) { return run(copy_command(std::move(args))); }
// For tests that kill workers. A sanitizer's search for leaks is done by a child, which would be taken for a worker;
// the program then waits for that child forever.
[[nodiscard]] inline Command killable_copy(std::vector<std::string> args) {
  Command command = copy_command(std::move(args));
  add_asan_option(command, "detect_leaks=0");
  return command;
}
#endif

}  // namespace mtask::test
