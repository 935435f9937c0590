#include "cli/option_rows.hpp"
#include "cli/pool_arguments.hpp"

namespace mtask::cli {

void add_pool_output_options(OptionTable& table, PoolArguments& into) {
  RowAdder rows(table, "What the jobs print");
  rows.flag({.name = "keep-order", .letters = "k", .help = "Print in the order of the inputs, not as jobs end"},
            into.config.keep_order);
  rows.flag({.name = "line-buffer",
             .help = "Print each line as soon as it is whole; lines of several jobs may follow each other"},
            into.line_buffer);
  rows.alias("line-buffer", "lb");
  rows.flag({.name = "ungroup", .letters = "u", .help = "Let jobs print for themselves; quickest, may mix"},
            into.ungroup);
  bool& grouped = into.ungroup;
  Option group;
  group.name = "group";
  group.group = "What the jobs print";
  group.help = "What a job prints stays together (default)";
  group.set = [&grouped, &into](std::string_view value) -> Result<void> {
    if (value == "true") grouped = into.line_buffer = false;
    return {};
  };
  table.push_back(std::move(group));
  rows.flag({.name = "tag", .help = "Begin each line with the values of its job and a tab"}, into.tag);
  rows.text({.name = "tagstring", .placeholder = "TEXT", .help = "Begin each line with TEXT; placeholders count"},
            into.tagstring);
  rows.text({.name = "results",
             .placeholder = "DIR",
             .help = "Keep what each job prints below DIR, in GNU parallel's layout"},
            into.config.results, Option::Value::kDirectory);
  rows.alias("results", "res");
  rows.flag({.name = "files", .help = "Print the names of files that keep the output, not the output"},
            into.config.files);
  rows.text({.name = "tmpdir",
             .placeholder = "DIR",
             .help = "Where large outputs wait for their turn (default: $TMPDIR or /tmp)"},
            into.config.tmpdir, Option::Value::kDirectory);
  rows.flag({.name = "bar", .help = "A progress bar, as --progress=always"}, into.bar);
  rows.alias("bar", "eta");
}

}  // namespace mtask::cli
