#pragma once
// Runs `mtask pool` as a test's subject, and looks for what it left behind.

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "support/copy_command.hpp"

namespace mtask::test {

#ifdef MTASK_BINARY
// The command with these arguments, without the user's configuration.
inline Command pool_command(std::vector<std::string> arguments, std::string input = {}, std::string cwd = {}) {
  arguments.insert(arguments.begin(), "pool");
  Command command = mtask_command(arguments, MTASK_BINARY);
  command.env["SHELL"] = "/bin/sh";
  command.input = std::move(input);
  command.cwd = std::move(cwd);
  return command;
}

inline Outcome pool(std::vector<std::string> arguments, std::string input = {}, std::string cwd = {}) {
  return run(pool_command(std::move(arguments), std::move(input), std::move(cwd)));
}
#endif

// Living processes whose command line holds `mark`, the caller apart.
[[nodiscard]] std::vector<pid_t> processes_with(const std::string& mark);

// Processes that are `sleep MARK`.
[[nodiscard]] std::vector<pid_t> sleepers(const std::string& mark);

// True when there is none with `mark` within `time`.
[[nodiscard]] bool none_left_with(const std::string& mark, std::chrono::milliseconds time);

}  // namespace mtask::test
