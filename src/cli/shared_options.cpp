#include "cli/shared_options.hpp"

#include "base/log.hpp"

namespace mtask::cli {
namespace {

using Takes = Option::Takes;
using Value = Option::Value;

std::function<Result<void>(std::string_view)> set_path(std::optional<std::string>& target) {
  return [&target](std::string_view value) -> Result<void> {
    if (value.empty()) return Unexpected(usage_error("the file's name is empty"));
    target = value;
    return {};
  };
}

// Other names of standard output are the same to whoever else would write there.
Result<void> set_json(std::optional<std::string>& target, std::string_view value) {
  const bool standard = value == "/dev/stdout" || value == "/dev/fd/1" || value == "/proc/self/fd/1";
  return set_path(target)(standard ? "-" : value);
}

Result<void> ignore(std::string_view) { return {}; }

void add_talk(OptionTable& table, SharedArguments& into) {
  table.push_back({.name = "quiet",
                   .letters = "q",
                   .group = kOutputGroup,
                   .help = "Say nothing but errors",
                   .man = "No progress bar, no warnings and no summary line.",
                   .set = set_flag(into.quiet)});
  table.push_back({.name = "verbose",
                   .letters = "v",
                   .value = Value::kNumber,
                   .group = kOutputGroup,
                   .help = "Say more: each finished item, retries, what each worker does; -vv: still more",
                   .man = "Given twice, also what is started and what is skipped. In the configuration file and the "
                          "environment it is a number, 0 to 2.",
                   .set = [&into](std::string_view value) -> Result<void> {
                     if (value == "true") {
                       ++into.verbosity;
                       return {};
                     }
                     const auto level = parse_number(value, 0, 2);
                     if (!level) return Unexpected(level.error());
                     into.verbosity = static_cast<int>(*level);
                     return {};
                   }});
  table.push_back({.name = "log-file",
                   .takes = Takes::kValue,
                   .value = Value::kFile,
                   .placeholder = "FILE",
                   .group = kOutputGroup,
                   .help = "Append everything that is told to FILE, with times",
                   .man = "FILE gets it at every level, whatever --quiet and --verbose make of standard error.",
                   .set = set_text(into.log_file)});
}

void add_machine_readable(OptionTable& table, SharedArguments& into) {
  table.push_back(
      {.name = "progress",
       .takes = Takes::kValue,
       .placeholder = "WHEN",
       .group = kOutputGroup,
       .help = "Progress on standard error: auto (a bar on a terminal), always, never, json",
       .man = "always shows it elsewhere too, as a plain line every second; json writes progress events as JSON "
              "lines (see JSON EVENTS).",
       .choices = {"auto", "always", "never", "json"},
       .set = [&into](std::string_view value) -> Result<void> {
         into.progress = value == "always"  ? ui::ProgressMode::kAlways
                         : value == "never" ? ui::ProgressMode::kNever
                         : value == "json"  ? ui::ProgressMode::kJson
                                            : ui::ProgressMode::kAuto;
         return {};
       }});
  table.push_back({.name = "json",
                   .takes = Takes::kOptionalValue,
                   .value = Value::kFile,
                   .placeholder = "FILE",
                   .bare = "-",
                   .group = kOutputGroup,
                   .help = "Events as JSON lines to standard output or FILE; the last line is the summary",
                   .man = "See JSON EVENTS.",
                   .set = [&into](std::string_view value) { return set_json(into.json, value); }});
  table.push_back({.name = "report",
                   .takes = Takes::kValue,
                   .value = Value::kFile,
                   .placeholder = "FILE.html",
                   .group = kOutputGroup,
                   .help = "Write a page with a timeline of every worker, totals and the slowest items",
                   .man = "The page is one file that needs no network.",
                   .set = set_path(into.report)});
  table.push_back({.name = "trace",
                   .takes = Takes::kValue,
                   .value = Value::kFile,
                   .placeholder = "FILE.json",
                   .group = kOutputGroup,
                   .help = "Write the same timeline as Chrome trace events (opens in Perfetto)",
                   .set = set_path(into.trace)});
}

}  // namespace

void add_help_options(OptionTable& table) {
  table.push_back({.name = "help",
                   .letters = "h",
                   .group = kGeneralGroup,
                   .help = "Print this help",
                   .command_line_only = true,
                   .set = ignore});
  table.push_back({.name = "help-man",
                   .group = kGeneralGroup,
                   .help = "Print the manual page's source",
                   .command_line_only = true,
                   .hidden = true,
                   .set = ignore});
}

void add_shared_options(OptionTable& table, SharedArguments& into) {
  add_talk(table, into);
  add_machine_readable(table, into);
  table.push_back({.name = "no-config",
                   .group = kGeneralGroup,
                   .help = "Do not read the configuration file",
                   .man = "Environment variables still count.",
                   .command_line_only = true,
                   .set = ignore});
  table.push_back({.name = "strict-pipe",
                   .group = kGeneralGroup,
                   .help = "Exit with 141, not 0, when the reader of standard output leaves early",
                   .set = set_flag(into.strict_pipe)});
  add_help_options(table);
}

ui::Options ui_options(const SharedArguments& arguments, std::string_view command) {
  ui::Options options;
  options.command = command;
  options.progress = arguments.progress;
  options.json_path = arguments.json;
  options.report_path = arguments.report;
  options.trace_path = arguments.trace;
  options.quiet = arguments.quiet;
  options.verbosity = arguments.verbosity;
  return options;
}

Result<void> open_log(const SharedArguments& arguments) {
  const auto level = arguments.quiet ? log::Level::kError : log::Level::kWarning;
  const bool wanted = !arguments.log_file.empty();
  return log::init(level, wanted ? std::optional(arguments.log_file) : std::nullopt);
}

}  // namespace mtask::cli
