#include "base/text.hpp"
#include "cli/option_rows.hpp"
#include "cli/pool_arguments.hpp"
#include "pool/operands.hpp"

namespace mtask::cli {
namespace {

constexpr std::uint64_t kMost = 1'000'000'000;

void add_sources(OptionTable& table, PoolArguments& into) {
  RowAdder rows(table, "Inputs");
  Option& file = rows.value({.name = "arg-file",
                             .letters = "a",
                             .placeholder = "FILE",
                             .help = "Values from the lines of FILE instead of standard input; may be repeated"},
                            append_text(into.argument_files), Option::Value::kFile);
  file.repeatable = true;
  file.command_line_only = true;
  rows.alias("arg-file", "argfile");
  rows.flag({.name = "null", .letters = "0", .help = "Values end with NUL, not with a newline"}, into.null_separated);
  rows.value({.name = "delimiter", .letters = "d", .placeholder = "CHAR", .help = "Values end with CHAR, as , or \\t"},
             [&into](std::string_view value) -> Result<void> {
               const std::string text = pool::unescape(value);
               if (text.size() != 1) return Unexpected(usage_error(quote(value) + " is not one character"));
               into.delimiter = text.front();
               return {};
             });
  rows.text({.name = "colsep",
             .letters = "C",
             .placeholder = "REGEX",
             .help = "Part each value into columns {1}, {2} and so on at REGEX",
             .man = "A regular expression, as Perl's, matched byte by byte."},
            into.config.inputs.colsep);
  rows.alias("colsep", "col-sep");
  rows.value(
      {.name = "header",
       .placeholder = "WHICH",
       .help = "With ':', the first value of each input names it, as {name}",
       .man = "With --pipe, ':' or a number of lines that each job gets first."},
      [&into](std::string_view value) -> Result<void> {
        if (value != ":" && !parse_number(value, 0, kMostHeaderLines)) {
          return Unexpected(usage_error(quote(value) + " is neither ':' nor a number of lines"));
        }
        into.header = value;
        return {};
      },
      Option::Value::kQuantity);
  rows.flag({.name = "link", .help = "One value of each input a job, not each with each"}, into.config.inputs.link);
  rows.alias("link", "xapply");
  rows.flag({.name = "shuf", .help = "Run the jobs in random order"}, into.config.inputs.shuffle);
  rows.flag({.name = "no-run-if-empty", .letters = "r", .help = "No job for an empty value"},
            into.config.inputs.no_run_if_empty);
  rows.alias("no-run-if-empty", "norunifempty");
  rows.text({.name = "eof", .letters = "E", .placeholder = "TEXT", .help = "The value TEXT ends the input"},
            into.config.inputs.end);
  rows.value({.name = "trim", .placeholder = "SIDES", .help = "Strip blanks of values: n (none), l, r, lr"},
             [&into](std::string_view value) -> Result<void> {
               using Trim = pool::Inputs::Trim;
               into.config.inputs.trim = value == "l"   ? Trim::kLeft
                                         : value == "r" ? Trim::kRight
                                         : value == "n" ? Trim::kNone
                                                        : Trim::kBoth;
               return {};
             })
      .choices = {"n", "l", "r", "lr", "rl"};
  rows.text({.name = "arg-sep", .placeholder = "WORD", .help = "The word that begins inputs, instead of :::"},
            into.argument_separator);
  rows.alias("arg-sep", "argsep");
}

void add_packing(OptionTable& table, PoolArguments& into) {
  RowAdder rows(table, "Values for each job");
  pool::Inputs& inputs = into.config.inputs;
  rows.number({.name = "max-args", .letters = "n", .placeholder = "N", .help = "At most N values a job"},
              inputs.max_args, 1, kMost);
  rows.alias("max-args", "maxargs");
  rows.value(
      {.name = "max-replace-args",
       .letters = "N",
       .placeholder = "N",
       .help = "N values a job, as {1} to {N}; with --pipe: N records a job"},
      [&inputs](std::string_view value) -> Result<void> {
        const auto number = parse_number(value, 0, kMost);
        if (!number) return Unexpected(number.error());
        inputs.max_args = *number;
        inputs.positional = true;
        return {};
      },
      Option::Value::kNumber);
  rows.alias("max-replace-args", "maxreplaceargs");
  rows.number({.name = "max-lines",
               .letters = "L",
               .placeholder = "N",
               .help = "The values of N lines a job; a line that ends in a blank goes on in the next",
               .man = "With --pipe: a record has N lines."},
              inputs.max_lines, 1, kMost);
  const auto pack = [&](const RowText& text, pool::Inputs::Packing packing) {
    Option row;
    row.name = text.name;
    row.letters = text.letters;
    row.group = "Values for each job";
    row.help = text.help;
    row.set = [&inputs, packing](std::string_view value) -> Result<void> {
      inputs.packing = value == "true" ? packing : pool::Inputs::Packing::kNone;
      return {};
    };
    table.push_back(std::move(row));
  };
  pack({.name = "xargs", .letters = "m", .help = "As many values a job as fit in a command line"},
       pool::Inputs::Packing::kWords);
  pack({.name = "context-replace", .letters = "X", .help = "The same; a word with {} is repeated whole"},
       pool::Inputs::Packing::kContext);
  rows.size({.name = "max-chars", .letters = "s", .placeholder = "SIZE", .help = "At most SIZE bytes a command line"},
            inputs.max_chars);
  rows.alias("max-chars", "maxchars");
}

void add_pipe(OptionTable& table, PoolArguments& into) {
  RowAdder rows(table, "Parting standard input");
  pool::Pipe& pipe = into.pipe_options;
  rows.flag({.name = "pipe",
             .help = "Cut standard input into blocks; each is the standard input of a job",
             .man = "The command is not given any values."},
            into.pipe);
  rows.alias("pipe", "spreadstdin");
  rows.size({.name = "block", .placeholder = "SIZE", .help = "About SIZE bytes a block (default 1M)"}, pipe.block);
  rows.alias("block", "block-size");
  rows.alias("block", "blocksize");
  rows.text({.name = "recstart", .placeholder = "TEXT", .help = "A record begins with TEXT"}, into.record_start);
  rows.text({.name = "recend", .placeholder = "TEXT", .help = "A record ends with TEXT (default: a newline)"},
            into.record_end);
  rows.flag({.name = "regexp", .help = "--recstart and --recend are regular expressions"}, pipe.regexp);
  rows.alias("regexp", "regex");
  rows.flag({.name = "rrs", .help = "Leave out what parts the records"}, pipe.remove_separators);
  rows.alias("rrs", "remove-rec-sep");
  rows.alias("rrs", "removerecsep");
}

}  // namespace

void add_pool_input_options(OptionTable& table, PoolArguments& into) {
  add_sources(table, into);
  add_packing(table, into);
  add_pipe(table, into);
}

}  // namespace mtask::cli
