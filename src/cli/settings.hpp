#pragma once
// What options were given, by whom, and in which order they are applied.

#include <string>
#include <vector>

#include "cli/environment.hpp"
#include "cli/option.hpp"
#include "mtask/result.hpp"

namespace mtask::cli {

// A value that somebody gave an option of a table; the table outlives it.
struct Setting {
  const Option* option = nullptr;
  std::string value;
  std::string
      origin;  // who gave it, for error lines: "--workers", "MTASK_COPY_WORKERS", "/home/a/config.toml:3: workers"
  bool adds = false;  // to the option's list, by Option::add
};

// The MTASK_<COMMAND>_<OPTION> variables. A switch takes 1, true, yes, on or 0, false, no, off; an option that may be
// repeated takes one value a line. A variable with the command's prefix that names no option is an error.
[[nodiscard]] Result<std::vector<Setting>> read_environment(const Environment& environment, const std::string& command,
                                                            const OptionTable& table);

// Applies them, so that the command line wins over the environment and this over the file. Values of repeatable
// options all count; the stronger come first, because in a list of filter rules the first match decides, unless their
// row says otherwise (Option::weaker_first).
[[nodiscard]] Result<void> apply(const std::vector<Setting>& file, const std::vector<Setting>& environment,
                                 const std::vector<Setting>& command_line);

// "; did you mean 'X'?" for the candidate nearest to `word`, or nothing.
[[nodiscard]] std::string suggestion(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace mtask::cli
