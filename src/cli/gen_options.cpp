#include "base/units.hpp"
#include "cli/gen_arguments.hpp"
#include "cli/option_rows.hpp"

namespace mtask::cli {
namespace {

constexpr std::string_view kValues = "How values are written";
constexpr std::string_view kPipeline = "Pipeline";

void add_pipeline_options(OptionTable& table, GenArguments& into) {
  RowAdder rows(table, kPipeline);
  rows.text({.name = "expression",
             .letters = "e",
             .placeholder = "TEXT",
             .help = "The whole pipeline as one text, its stages separated by |"},
            into.config.text)
      .command_line_only = true;
  rows.flag(
      {.name = "keep-going", .help = "A source that fails ends; the others go on. The exit status is 1 all the same"},
      into.config.keep_going);
  rows.flag({.name = "return", .help = "At the end, print what the pipeline returned to standard error"},
            into.show_return);
  rows.size({.name = "memory",
             .placeholder = "SIZE",
             .help = "What sort and shuffle hold before they use files, and the most that uniq, sample and lists hold "
                     "(default: 64M)"},
            into.config.memory);
  rows.text({.name = "tmpdir", .placeholder = "DIR", .help = "Where these files are (default: $TMPDIR or /tmp)"},
            into.config.tmpdir, Option::Value::kDirectory);
}

void add_value_options(OptionTable& table, GenArguments& into) {
  RowAdder rows(table, kValues);
  // Of two that exclude each other the later one counts, so that the command line is stronger than a configuration.
  rows.flag({.name = "null", .letters = "0", .help = "End values with NUL, not with a newline"}, into.null_separated);
  table.back().set = [set = table.back().set, &separator = into.separator](std::string_view value) {
    separator.reset();
    return set(value);
  };
  rows.text({.name = "separator",
             .letters = "s",
             .placeholder = "TEXT",
             .help = "Write TEXT between values, and a newline after the last"},
            into.separator);
  table.back().set = [set = table.back().set, &null = into.null_separated](std::string_view value) {
    null = false;
    return set(value);
  };
  rows.text({.name = "field-separator",
             .letters = "F",
             .placeholder = "TEXT",
             .help = "Write TEXT between the fields of a value (default: a tab)"},
            into.config.format.field_separator);
  Option width;
  width.name = "width";
  width.letters = "w";
  width.takes = Option::Takes::kOptionalValue;
  width.value = Option::Value::kNumber;
  width.placeholder = "N";
  width.bare = "0";
  width.group = kValues;
  width.help = "Fill numbers with zeros up to N places, or to those of the widest";
  width.man =
      "Without N the pipeline must be a range, or part of one, so that the widest is known before the first is "
      "written.";
  width.set = [&format = into.config.format](std::string_view value) -> Result<void> {
    const auto number = parse_number(value, 0, 1000);
    if (!number) return Unexpected(number.error());
    format.pad = true;
    format.format.reset();
    format.width = *number;
    return {};
  };
  table.push_back(std::move(width));
  rows.text({.name = "format",
             .letters = "f",
             .placeholder = "TEMPLATE",
             .help = "As the stage format: {} is the value, {0} a field; or one directive of printf"},
            into.config.format.format);
  table.back().set = [set = table.back().set, &format = into.config.format](std::string_view value) {
    format.pad = false;
    return set(value);
  };
}

// Standard output carries the values, so a bare --json is about them; --trace is about turns.
void adapt_shared(OptionTable& table, GenArguments& into) {
  for (Option& row : table) {
    if (row.name == "json") {
      row.help = "Values as JSON, one a line; --json=FILE: events as JSON lines to FILE, besides";
      row.set = [set = row.set, &format = into.config.format](std::string_view value) -> Result<void> {
        if (value == "-") {
          format.json = true;
          return {};
        }
        return set(value);
      };
    } else if (row.name == "trace") {
      row.takes = Option::Takes::kOptionalValue;
      row.bare = "-";
      row.help = "Tell each hand-over between streams, with time and stream; --trace=FILE.json: Chrome trace events";
      row.set = [set = row.set, &turns = into.trace_turns](std::string_view value) -> Result<void> {
        if (value == "-") {
          turns = true;
          return {};
        }
        return set(value);
      };
    } else if (row.name == "verbose") {
      row.help = "Say more: a summary, and which task kept the others waiting";
      row.man = "In the configuration file and the environment it is a number, 0 to 2.";
    } else if (row.name == "progress") {
      row.help =
          "Progress on standard error: always, never, json; auto is never, as values may go to the same terminal";
    }
  }
}

}  // namespace

void add_gen_options(OptionTable& table, GenArguments& into) {
  add_pipeline_options(table, into);
  add_value_options(table, into);
  add_shared_options(table, into.shared);
  adapt_shared(table, into);
}

}  // namespace mtask::cli
