#include "cli/dispatch.hpp"

#include <unistd.h>

#include <exception>
#include <new>

#include "base/log.hpp"
#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/config_file.hpp"
#include "cli/exit_code.hpp"
#include "cli/help.hpp"
#include "cli/man_page.hpp"
#include "cli/settings.hpp"

namespace mtask::cli {
namespace {

// One that may not be read is somebody else's, whose HOME was inherited: no reason to refuse the run.
Result<std::vector<Setting>> read_file(const Command& command, const OptionTable& table, const CommandLine& line,
                                       const Context& context) {
  auto read = read_config_file(config_path(context.environment), command.name, table);
  if (read || read.error().code != std::errc::permission_denied) return read;
  if (!line.has("quiet")) tell(context, read.error().message() + "; going on without this configuration");
  return std::vector<Setting>{};
}

Result<void> configure(const Command& command, const OptionTable& table, const CommandLine& line,
                       const Context& context) {
  std::vector<Setting> file;
  std::vector<Setting> variables;
  if (!command.name.empty()) {
    if (!line.has("no-config")) {
      auto read = read_file(command, table, line, context);
      if (!read) return Unexpected(std::move(read).error());
      file = std::move(*read);
    }
    auto read = read_environment(context.environment, std::string(command.name), table);
    if (!read) return Unexpected(std::move(read).error());
    variables = std::move(*read);
  }
  return apply(file, variables, line.settings);
}

Result<void> run(const Command& command, const std::vector<std::string>& arguments, Context& context) {
  context.name = full_name(command);
  const auto action = command.make();
  OptionTable table;
  action->add_options(table);
  auto line = parse_command_line(table, command.arrange == nullptr ? arguments : command.arrange(table, arguments),
                                 command.options_first);
  if (!line) return Unexpected(std::move(line).error());
  // Before any setting is looked at: help must come whatever else is wrong.
  if (line->has("help")) return context.out.write(help(command, line->operands)), Result<void>();
  if (line->has("help-man")) return context.out.write(man_page(command)), Result<void>();
  if (auto done = configure(command, table, *line, context); !done) return done;
  return action->run(context, std::move(line->operands));
}

Result<void> choose(const std::vector<std::string>& arguments, Context& context) {
  if (arguments.empty()) return Unexpected(usage_error("a command is missing; see 'mtask --help'"));
  const std::string& first = arguments.front();
  if (first.starts_with("-")) return run(root_command(), arguments, context);
  const Command* command = find_command(first);
  if (command == nullptr) return Unexpected(unknown_command(first));
  return run(*command, {arguments.begin() + 1, arguments.end()}, context);
}

Result<void> guarded(const std::vector<std::string>& arguments, Context& context) {
  try {
    return choose(arguments, context);
  } catch (const std::bad_alloc&) {
    return Unexpected(Error{ErrorKind::kUnavailable, {}, "there is not enough memory for this; see also 'ulimit -v'"});
  } catch (const std::exception& error) {
    return Unexpected(Error{ErrorKind::kUnavailable, {}, std::string("internal error: ") + error.what()});
  }
}

}  // namespace

int dispatch(const std::vector<std::string>& arguments, const Environment& environment, StopSource& stop) {
  Output out(STDOUT_FILENO);
  Context context{.out = out,
                  .environment = environment,
                  .stop = stop,
                  .name = "mtask",
                  .error_is_terminal = ::isatty(STDERR_FILENO) == 1};
  Result<void> outcome = guarded(arguments, context);
  if (auto written = out.finish(); outcome && !written) outcome = std::move(written);
  if (!outcome && !outcome.error().context.empty()) tell(context, outcome.error().message());
  if (auto logged = log::check_file(); !logged) {
    tell(context, logged.error().message());
    if (outcome) outcome = std::move(logged);
  }
  return exit_code(outcome, context);
}

}  // namespace mtask::cli
