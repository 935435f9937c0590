#include "cli/option_rows.hpp"
#include "cli/pool_arguments.hpp"

namespace mtask::cli {

namespace {

constexpr std::string_view kGroup = "What the jobs print";

// One of the options that exclude each other: whoever speaks last decides.
void add_grouping(OptionTable& table, const RowText& text, pool::Grouping& chosen, pool::Grouping grouping) {
  Option row;
  row.name = text.name;
  row.letters = text.letters;
  row.group = kGroup;
  row.help = text.help;
  row.set = [&chosen, grouping](std::string_view value) -> Result<void> {
    bool on = false;
    if (auto done = set_flag(on)(value); !done) return done;
    if (on) chosen = grouping;
    if (!on && chosen == grouping) chosen = pool::Grouping::kJob;
    return {};
  };
  table.push_back(std::move(row));
}

void add_groupings(OptionTable& table, PoolArguments& into) {
  using pool::Grouping;
  Grouping& chosen = into.config.grouping;
  add_grouping(table,
               {.name = "line-buffer",
                .help = "Print each line as soon as it is whole; lines of several jobs may follow each other"},
               chosen, Grouping::kLine);
  for (const std::string_view other : {"lb", "linebuffer", "linebuffered", "line-buffered"}) {
    RowAdder(table, kGroup).alias("line-buffer", other);
  }
  add_grouping(table, {.name = "ungroup", .letters = "u", .help = "Let jobs print for themselves; quickest, may mix"},
               chosen, Grouping::kNone);
  add_grouping(table, {.name = "group", .help = "What a job prints stays together (default)"}, chosen, Grouping::kJob);
}

}  // namespace

void add_pool_output_options(OptionTable& table, PoolArguments& into) {
  RowAdder rows(table, kGroup);
  rows.flag({.name = "keep-order", .letters = "k", .help = "Print in the order of the inputs, not as jobs end"},
            into.config.keep_order);
  rows.alias("keep-order", "keeporder");
  add_groupings(table, into);
  rows.flag({.name = "tag", .help = "Begin each line with the values of its job and a tab"}, into.tag);
  rows.text({.name = "tagstring", .placeholder = "TEXT", .help = "Begin each line with TEXT; placeholders count"},
            into.tagstring);
  rows.alias("tagstring", "tag-string");
  rows.text({.name = "results",
             .placeholder = "DIR",
             .help = "Keep what each job prints below DIR, in GNU parallel's layout"},
            into.config.results, Option::Value::kDirectory);
  rows.alias("results", "res");
  rows.flag({.name = "files",
             .help = "Print the names of files that keep the output, not the output",
             .man = "What jobs print to standard error is printed."},
            into.config.files);
  rows.alias("files", "output-as-files");
  rows.text({.name = "tmpdir",
             .placeholder = "DIR",
             .help = "Where large outputs wait for their turn (default: $TMPDIR or /tmp)"},
            into.config.tmpdir, Option::Value::kDirectory);
  rows.alias("tmpdir", "tempdir");
  rows.flag({.name = "bar", .help = "A progress bar, as --progress=always"}, into.bar);
  rows.alias("bar", "eta");
}

}  // namespace mtask::cli
