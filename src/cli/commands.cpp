#include <algorithm>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/completion.hpp"
#include "cli/copy_command.hpp"
#include "cli/gen_command.hpp"
#include "cli/gen_manual.hpp"
#include "cli/help_command.hpp"
#include "cli/pool_command.hpp"
#include "cli/root_command.hpp"
#include "cli/settings.hpp"

namespace mtask::cli {

const std::vector<Command>& commands() {
  static const std::vector<Command> table = {
      {"copy", "copy files and directory trees by several workers, losing nothing", &copy_page(), make_copy},
      {"pool", "run many commands at the same time, losing none", &pool_page(), make_pool, true},
      {"gen", "generate, combine and pace lazy streams of values", &gen_page(), make_gen, true, arrange_gen,
       gen_stage_names(), gen_stage_help},
      {"completion", "print a completion script for bash, zsh or fish", &completion_page(), make_completion},
      {"help", "print the help of a command", &help_page(), make_help},
  };
  return table;
}

const Command* find_command(std::string_view name) {
  const auto found =
      std::find_if(commands().begin(), commands().end(), [&](const Command& row) { return row.name == name; });
  return found == commands().end() ? nullptr : &*found;
}

const Command& root_command() {
  static const Command root{"", "concurrent chores of a shell", &root_page(), make_root};
  return root;
}

OptionTable describe_options(const Command& command) {
  OptionTable table;
  command.make()->add_options(table);
  for (Option& row : table) row.set = nullptr;
  return table;
}

std::string full_name(const Command& command) {
  return command.name.empty() ? "mtask" : "mtask " + std::string(command.name);
}

Error unknown_command(std::string_view word) {
  std::vector<std::string> known;
  for (const Command& row : commands()) known.emplace_back(row.name);
  const std::string hint = suggestion(std::string(word), known);
  return usage_error("unknown command " + quote(word) + (hint.empty() ? "; see 'mtask --help'" : hint));
}

}  // namespace mtask::cli
