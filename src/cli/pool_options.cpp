#include "base/text.hpp"
#include "cli/option_rows.hpp"
#include "cli/pool_arguments.hpp"

namespace mtask::cli {
namespace {

Result<void> ignore(std::string_view) { return {}; }

Result<void> set_jobs(PoolArguments& into, std::string_view value) {
  auto jobs = pool::parse_jobs(value);
  if (!jobs) return Unexpected(std::move(jobs).error());
  const auto slots = jobs->evaluate();
  if (!slots) return Unexpected(usage_error(slots.error().message()));
  into.jobs = *std::move(jobs);
  into.config.slots = *slots;
  return {};
}

void add_running(OptionTable& table, PoolArguments& into) {
  RowAdder rows(table, "Jobs and commands");
  rows.value(
      {.name = "jobs",
       .letters = "jP",
       .placeholder = "N",
       .help = "Jobs at the same time: 4, 50%, +1, -1 (of the CPUs) or a file; default and 0: the CPUs",
       .man = "The CPUs are those that this process may use: CPU affinity and the CPU "
              "quota of the control "
              "group count. A file holds one of these words and is read again while the run goes on. At most "
              "1024."},
      [&into](std::string_view value) { return set_jobs(into, value); }, Option::Value::kQuantity);
  rows.alias("jobs", "workers");
  rows.alias("jobs", "max-procs");
  rows.alias("jobs", "maxprocs");
  rows.flag({.name = "shell",
             .help = "Have a shell run the command line; values in it are quoted",
             .man = "See Commands above for when they are not. The shell is $PARALLEL_SHELL, else $SHELL, else "
                    "/bin/sh. Without this option a command of one "
                    "word that holds blanks or other shell syntax, and a missing command, go to the shell too; any "
                    "other command is executed as it is."},
            into.shell);
  rows.flag({.name = "no-shell", .help = "Never use a shell: the one word is the name of a program"}, into.no_shell);
  rows.flag({.name = "quote",
             .help = "With the shell: quote the words of the command, too",
             .man = "As -q of GNU parallel; -q means --quiet here."},
            into.config.command.quote);
  rows.text(
      {.name = "replace", .letters = "I", .placeholder = "WORD", .help = "The placeholder of the value, instead of {}"},
      into.config.command.replacement);
  rows.flag({.name = "plus", .help = "More placeholders: {+/} {..} {...} {#suffix}; see PLACEHOLDERS"},
            into.config.command.plus);
  rows.text({.name = "workdir", .placeholder = "DIR", .help = "Run the jobs in DIR; placeholders count"},
            into.config.command.workdir, Option::Value::kDirectory);
  rows.alias("workdir", "wd");
  rows.alias("workdir", "work-dir");
  rows.flag({.name = "dry-run", .help = "Print the command lines, run nothing"}, into.config.dry_run)
      .command_line_only = true;
  rows.alias("dry-run", "dryrun");
  rows.flag({.name = "interactive", .letters = "p", .help = "Ask on the terminal before each job"}, into.interactive);
  rows.flag(
      {.name = "tty",
       .help = "Leave the terminal to the jobs: they read from it and print to it themselves",
       .man =
           "For programs that talk to a person. One job at a time unless --jobs says otherwise, ungrouped unless what "
           "jobs print is to be ordered, tagged or kept, and no progress bar. Ctrl-C then reaches the jobs, too."},
      into.config.terminal);
  for (const std::string_view habit : {"gnu", "will-cite", "willcite", "no-notice", "nonotice", "silent", "exit"}) {
    Option row;
    row.name = habit;
    if (habit == "exit") row.letters = "x";
    row.group = "Jobs and commands";
    row.help = "Accepted for the habit of it";
    row.hidden = true;
    row.set = ignore;
    table.push_back(std::move(row));
  }
}

// `--progress` alone is what GNU parallel's users write. Standard output carries what the jobs print, so events need
// another place.
void adapt_shared(OptionTable& table) {
  for (Option& row : table) {
    if (row.name == "progress") {
      row.takes = Option::Takes::kOptionalValue;
      row.bare = "always";
    } else if (row.name == "json") {
      // The value stays optional, so that the word after a bare --json is never taken for a file to write.
      row.help = "Events as JSON lines to FILE or to an open descriptor, as --json=3; the last is the summary";
      row.man =
          "FILE can't be left out, as standard output carries what the jobs print. A descriptor is written on from "
          "where it stands. See JSON EVENTS.";
      row.set = [set = row.set](std::string_view value) -> Result<void> {
        const bool digits = !value.empty() && value.find_first_not_of("0123456789") == std::string_view::npos;
        for (const std::string_view standard : {"-", "1", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"}) {
          if (value != standard) continue;
          return Unexpected(
              usage_error("standard output carries what the jobs print; name a file or descriptor: --json=FILE"));
        }
        return set(digits ? "/dev/fd/" + std::string(value) : std::string(value));
      };
    } else if (row.name == "verbose") {
      row.help = "Say more: start, pid, end and time of each job; -vv: still more";
      row.man = "In the configuration file and the environment it is a number, 0 to 2.";
    }
  }
}

}  // namespace

void add_pool_options(OptionTable& table, PoolArguments& into) {
  add_running(table, into);
  add_pool_input_options(table, into);
  add_pool_output_options(table, into);
  add_pool_control_options(table, into);
  add_shared_options(table, into.shared);
  adapt_shared(table);
}

}  // namespace mtask::cli
