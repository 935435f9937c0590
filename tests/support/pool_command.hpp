#pragma once
// Runs `mtask pool` as a test's subject, and looks for what it left behind.

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "support/copy_command.hpp"

namespace mtask::test {

// The command with these arguments, without the user's configuration.
[[nodiscard]] Command pool_command(std::vector<std::string> arguments, std::string input = {}, std::string cwd = {});
Outcome pool(std::vector<std::string> arguments, std::string input = {}, std::string cwd = {});

// A time for `sleep` of about that many seconds (an integer), found in no other command line: suites may run side by
// side.
[[nodiscard]] std::string own_mark(const std::string& seconds);

// Living processes whose command line holds `mark`, the caller apart.
[[nodiscard]] std::vector<pid_t> processes_with(const std::string& mark);

// Processes that are `sleep MARK`.
[[nodiscard]] std::vector<pid_t> sleepers(const std::string& mark);

// True when there is none with `mark` within `time`.
[[nodiscard]] bool none_left_with(const std::string& mark, std::chrono::milliseconds time);

}  // namespace mtask::test
