#pragma once
// The way of `mtask copy` and `mtask pool` from arguments to the engine's configuration, inside the test process.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/command_line.hpp"
#include "cli/config_file.hpp"
#include "cli/copy_arguments.hpp"
#include "cli/pool_arguments.hpp"
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

// Of the three layers; the table's options write into its command's arguments.
inline Result<std::vector<std::string>> apply_layers(const Inputs& inputs, const std::string& command,
                                                     const cli::OptionTable& table, bool options_first) {
  auto line = cli::parse_command_line(table, inputs.arguments, options_first);
  if (!line) return Unexpected(line.error());
  const auto file = cli::read_config_file(inputs.config_file, command, table);
  if (!file) return Unexpected(file.error());
  const auto variables = cli::read_environment(cli::Environment(inputs.environment), command, table);
  if (!variables) return Unexpected(variables.error());
  if (auto done = cli::apply(*file, *variables, line->settings); !done) return Unexpected(done.error());
  return std::move(line->operands);
}

inline Parsed failed(const Error& error) { return {.error = error.message(), .kind = error.kind}; }

inline Parsed parse_copy(const Inputs& inputs) {
  cli::CopyArguments arguments;
  cli::OptionTable table;
  cli::add_copy_options(table, arguments);
  auto operands = apply_layers(inputs, "copy", table, false);
  if (!operands) return failed(operands.error());
  const auto config = cli::finish_copy_config(arguments, *std::move(operands));
  if (!config) return failed(config.error());
  return {.config = *config, .json = arguments.shared.json.has_value(), .verbosity = arguments.shared.verbosity};
}

inline Parsed parse_copy(std::vector<std::string> arguments) {
  return parse_copy(Inputs{.arguments = std::move(arguments)});
}

struct ParsedPool {
  std::optional<pool::Config> config{};
  std::string error{};
  ErrorKind kind = ErrorKind::kItem;
  std::optional<std::string> json{};
  ui::ProgressMode progress = ui::ProgressMode::kAuto;
};

inline ParsedPool parse_pool(const Inputs& inputs) {
  cli::PoolArguments arguments;
  cli::OptionTable table;
  cli::add_pool_options(table, arguments);
  auto operands = apply_layers(inputs, "pool", table, true);
  if (!operands) return {.error = operands.error().message(), .kind = operands.error().kind};
  const auto config = cli::finish_pool_config(arguments, *std::move(operands));
  if (!config) return {.error = config.error().message(), .kind = config.error().kind};
  return {.config = *config, .json = arguments.shared.json, .progress = arguments.shared.progress};
}

inline ParsedPool parse_pool(std::vector<std::string> arguments) {
  return parse_pool(Inputs{.arguments = std::move(arguments)});
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
