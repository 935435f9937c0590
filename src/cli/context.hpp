#pragma once
// What a command is given of the world outside: nothing in a command reaches for it by itself.

#include <optional>
#include <string>

#include "cli/environment.hpp"
#include "cli/output.hpp"
#include "mtask/stop.hpp"

namespace mtask::cli {

struct Context {
  Output& out;                     // standard output: data
  const Environment& environment;  // as it was when the program began
  StopSource& stop;                // requested by signals
  std::string name;                // "mtask copy": begins every line on standard error
  bool error_is_terminal = false;
  std::optional<int> status{};  // instead of 1 when items failed: how a command with codes of its own tells how many
  bool strict_pipe = false;     // a reader who left is an ending by SIGPIPE
};

// An error: one line on standard error, after the name of the command, and in the log file. Whatever keeps it from
// being written is no one's to hear.
void tell(const Context& context, const std::string& message);

}  // namespace mtask::cli
