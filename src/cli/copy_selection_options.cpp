#include "base/text.hpp"
#include "base/units.hpp"
#include "cli/copy_arguments.hpp"
#include "cli/copy_lists.hpp"
#include "cli/text_file.hpp"

namespace mtask::cli {
namespace {

using Takes = Option::Takes;
using Value = Option::Value;

constexpr std::string_view kSelectionGroup = "What is copied";

std::function<Result<void>(std::string_view)> add_rule(CopyArguments& into, bool include) {
  return [&into, include](std::string_view value) -> Result<void> {
    if (value.empty()) return Unexpected(usage_error("the pattern is empty"));
    into.config.filters.push_back({include, std::string(value)});
    return {};
  };
}

Result<void> add_rules_from(CopyArguments& into, std::string_view path) {
  if (path == "-") {
    if (into.stdin_taken) return Unexpected(usage_error("standard input can be read once only"));
    into.stdin_taken = true;
  }
  const auto text = read_text_file(std::string(path));
  if (!text) return Unexpected(text.error());
  auto rules = parse_rules(*text);
  if (!rules) return Unexpected(std::move(rules).error());
  into.config.filters.insert(into.config.filters.end(), rules->begin(), rules->end());
  return {};
}

std::function<Result<void>(std::string_view)> set_size(std::optional<std::uint64_t>& target) {
  return [&target](std::string_view value) -> Result<void> {
    const auto size = parse_size(value);
    if (!size) return Unexpected(size.error());
    target = *size;
    return {};
  };
}

Result<void> add_ignore_file(copy::Config& config, std::string_view value) {
  if (value.empty() || value.find('/') != std::string_view::npos || value == "." || value == "..") {
    return Unexpected(usage_error(quote(value) + " is not a plain file name"));
  }
  config.ignore_files.emplace_back(value);
  return {};
}

void add_patterns(OptionTable& table, CopyArguments& into) {
  table.push_back({.name = "exclude",
                   .takes = Takes::kValue,
                   .placeholder = "GLOB",
                   .group = kSelectionGroup,
                   .help = "Leave out what matches GLOB; the first rule that matches decides",
                   .man = "See FILTER RULES.",
                   .repeatable = true,
                   .set = add_rule(into, false)});
  table.push_back({.name = "include",
                   .takes = Takes::kValue,
                   .placeholder = "GLOB",
                   .group = kSelectionGroup,
                   .help = "Copy what matches GLOB, whatever later rules say",
                   .repeatable = true,
                   .set = add_rule(into, true)});
  table.push_back({.name = "exclude-from",
                   .takes = Takes::kValue,
                   .value = Value::kFile,
                   .placeholder = "FILE",
                   .group = kSelectionGroup,
                   .help = "Read rules from FILE, one a line; - is standard input",
                   .man = "A line is a GLOB to exclude; \"- GLOB\" says the same, \"+ GLOB\" includes. Blank lines and "
                          "those that begin with # or ; are skipped. The rules count at the option's place among "
                          "--exclude and --include.",
                   .repeatable = true,
                   .set = [&into](std::string_view path) { return add_rules_from(into, path); }});
  table.push_back({.name = "ignore-file",
                   .takes = Takes::kValue,
                   .placeholder = "NAME",
                   .group = kSelectionGroup,
                   .help = "Obey files called NAME in the source's directories, as git does .gitignore",
                   .repeatable = true,
                   .set = [&into](std::string_view value) { return add_ignore_file(into.config, value); }});
}

}  // namespace

void add_copy_selection_options(OptionTable& table, CopyArguments& into) {
  add_patterns(table, into);
  table.push_back({.name = "max-size",
                   .takes = Takes::kValue,
                   .value = Value::kSize,
                   .placeholder = "SIZE",
                   .group = kSelectionGroup,
                   .help = "Leave out files larger than SIZE, as 100M",
                   .man = "Of sizes, K, M, G, T, P and E (or KiB, MiB, ...) are powers of 1024, KB, MB, ... powers of "
                          "1000.",
                   .set = set_size(into.config.max_size)});
  table.push_back({.name = "min-size",
                   .takes = Takes::kValue,
                   .value = Value::kSize,
                   .placeholder = "SIZE",
                   .group = kSelectionGroup,
                   .help = "Leave out files smaller than SIZE",
                   .set = set_size(into.config.min_size)});
  table.push_back({.name = "files-from",
                   .takes = Takes::kValue,
                   .value = Value::kFile,
                   .placeholder = "FILE",
                   .group = kSelectionGroup,
                   .help = "Copy only the paths listed in FILE, relative to SRC; - is standard input",
                   .man = "One path a line. They are copied with their parent directories and without what is below "
                          "them. A leading ./ or / means nothing; .. is refused.",
                   .command_line_only = true,
                   .set = set_text(into.files_from)});
  table.push_back({.name = "null",
                   .letters = "0",
                   .group = kSelectionGroup,
                   .help = "Paths of --files-from end with NUL, as find -print0 writes them",
                   .command_line_only = true,
                   .set = set_flag(into.null_separated)});
  table.push_back({.name = "one-file-system",
                   .letters = "x",
                   .group = kSelectionGroup,
                   .help = "Do not descend into other file systems",
                   .set = set_flag(into.config.one_file_system)});
}

}  // namespace mtask::cli
