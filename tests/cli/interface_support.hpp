#pragma once
// `mtask copy`'s way from arguments to the engine's configuration, inside the test process.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/command_line.hpp"
#include "cli/config_file.hpp"
#include "cli/copy_arguments.hpp"
#include "cli/settings.hpp"

namespace mtask::test {

struct Inputs {
  std::vector<std::string> arguments{};
  std::map<std::string, std::string> environment{};
  std::string config_file{};  // a path; empty: none
};

// The configuration, or the error line.
struct Parsed {
  std::optional<copy::Config> config{};
  std::string error{};
  ErrorKind kind = ErrorKind::kItem;
  bool json = false;
  int verbosity = 0;
};

inline Parsed failed(const Error& error) { return {.error = error.message(), .kind = error.kind}; }

inline Parsed parse_copy(const Inputs& inputs) {
  cli::CopyArguments arguments;
  cli::OptionTable table;
  cli::add_copy_options(table, arguments);
  const auto line = cli::parse_command_line(table, inputs.arguments);
  if (!line) return failed(line.error());
  const auto file = cli::read_config_file(inputs.config_file, "copy", table);
  if (!file) return failed(file.error());
  const auto variables = cli::read_environment(cli::Environment(inputs.environment), "copy", table);
  if (!variables) return failed(variables.error());
  if (const auto done = cli::apply(*file, *variables, line->settings); !done) return failed(done.error());
  const auto config = cli::finish_copy_config(arguments, line->operands);
  if (!config) return failed(config.error());
  return {.config = *config, .json = arguments.shared.json.has_value(), .verbosity = arguments.shared.verbosity};
}

inline Parsed parse_copy(std::vector<std::string> arguments) {
  return parse_copy(Inputs{.arguments = std::move(arguments)});
}

// "+a -b": rules in their order.
inline std::string rules_of(const copy::Config& config) {
  std::string text;
  for (const copy::FilterRule& rule : config.filters) {
    text += (text.empty() ? "" : " ") + std::string(rule.include ? "+" : "-") + rule.pattern;
  }
  return text;
}

}  // namespace mtask::test
