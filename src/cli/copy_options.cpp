#include <algorithm>

#include "base/text.hpp"
#include "base/units.hpp"
#include "cli/copy_arguments.hpp"

namespace mtask::cli {
namespace {

using Takes = Option::Takes;
using Value = Option::Value;

constexpr std::string_view kPlacesGroup = "Places and workers";
constexpr std::string_view kExistingGroup = "What is already there";
constexpr std::string_view kSafetyGroup = "Safety and speed";
constexpr std::uint64_t kMostWorkers = 256;

Result<void> ignore(std::string_view) { return {}; }

void add_places(OptionTable& table, CopyArguments& into) {
  table.push_back({.name = "target-directory",
                   .letters = "t",
                   .takes = Takes::kValue,
                   .value = Value::kDirectory,
                   .placeholder = "DIR",
                   .group = kPlacesGroup,
                   .help = "Put every SRC inside DIR, which is made if it doesn't exist",
                   .command_line_only = true,
                   .set = set_text(into.target_directory)});
  table.push_back(
      {.name = "workers",
       .letters = "j",
       .takes = Takes::kValue,
       .value = Value::kNumber,
       .placeholder = "N",
       .group = kPlacesGroup,
       .help = "Worker processes; default and 0: the CPUs this process may use",
       .man = "Both the CPU affinity and the CPU quota of the control group count. At most 256. Within btrfs, where "
              "files share blocks, no more are started than there are CPUs: they would wait for each other.",
       .set = [&into](std::string_view value) -> Result<void> {
         const auto number = parse_number(value, 0, kMostWorkers);
         if (!number) return Unexpected(number.error());
         into.config.workers = static_cast<unsigned>(*number);
         return {};
       }});
  table.push_back({.name = "archive",
                   .letters = "a",
                   .group = kPlacesGroup,
                   .help = "Accepted for the habit of it: always on",
                   .command_line_only = true,
                   .set = ignore});
  table.push_back({.name = "recursive",
                   .letters = "rR",
                   .group = kPlacesGroup,
                   .help = "Accepted for the habit of it: always on",
                   .command_line_only = true,
                   .set = ignore});
}

Result<void> set_update(copy::Config& config, std::string_view value) {
  config.update = value == "all"     ? copy::Update::kAll
                  : value == "older" ? copy::Update::kOlder
                  : value == "none"  ? copy::Update::kNone
                                     : copy::Update::kChanged;
  return {};
}

Result<void> set_backup(copy::Config& config, std::string_view value) {
  if (value.empty() || value.find('/') != std::string_view::npos) {
    return Unexpected(usage_error(quote(value) + " cannot end a file's name"));
  }
  config.backup_suffix = value;
  return {};
}

void add_existing(OptionTable& table, CopyArguments& into) {
  table.push_back({.name = "update",
                   .letters = "u",
                   .takes = Takes::kOptionalValue,
                   .placeholder = "WHICH",
                   .bare = "older",
                   .group = kExistingGroup,
                   .help = "Replace what is older, none, all or changed (default); bare: older",
                   .man = "changed replaces what differs from its source in type, size or modification time (in "
                          "nanoseconds); older replaces only what was modified before its source; none keeps whatever "
                          "exists; all replaces everything.",
                   .choices = {"changed", "older", "none", "all"},
                   .set = [&into](std::string_view value) { return set_update(into.config, value); }});
  table.push_back({.name = "checksum",
                   .group = kExistingGroup,
                   .help = "Compare contents, not size and time, to find what changed",
                   .man = "Both sides of every file that exists in both places are read whole.",
                   .set = set_flag(into.config.checksum)});
  table.push_back(
      {.name = "backup",
       .takes = Takes::kOptionalValue,
       .placeholder = "SUFFIX",
       .bare = "~",
       .group = kExistingGroup,
       .help = "Keep what is replaced or deleted under its name plus SUFFIX; bare: ~",
       .man = "An earlier backup of the same name is replaced. What ends with SUFFIX is not deleted by --delete.",
       .set = [&into](std::string_view value) { return set_backup(into.config, value); }});
  table.push_back({.name = "delete",
                   .group = kExistingGroup,
                   .help = "Delete from the destination what the source doesn't have",
                   .man = "Only after the source was walked without an error; refused where several sources fill one "
                          "directory. What a filter leaves out of the source is "
                          "kept at the destination. See first what it would do with --dry-run.",
                   .set = set_flag(into.config.remove_extraneous)});
}

void add_reflink_and_fsync(OptionTable& table, CopyArguments& into) {
  table.push_back({.name = "reflink",
                   .takes = Takes::kOptionalValue,
                   .placeholder = "WHEN",
                   .bare = "always",
                   .group = kSafetyGroup,
                   .help = "Share blocks where the file system can: auto (default), always, never; bare: always",
                   .man = "With always, a file whose blocks can't be shared is an error.",
                   .choices = {"auto", "always", "never"},
                   .set = [&into](std::string_view value) -> Result<void> {
                     into.config.reflink = value == "always"  ? copy::Reflink::kAlways
                                           : value == "never" ? copy::Reflink::kNever
                                                              : copy::Reflink::kAuto;
                     return {};
                   }});
  table.push_back({.name = "fsync",
                   .takes = Takes::kValue,
                   .placeholder = "WHEN",
                   .group = kSafetyGroup,
                   .help = "Force data to the disk: none (default), at the end, or each file before it gets its name",
                   .choices = {"none", "end", "each"},
                   .set = [&into](std::string_view value) -> Result<void> {
                     into.config.fsync = value == "each"  ? copy::Fsync::kEach
                                         : value == "end" ? copy::Fsync::kEnd
                                                          : copy::Fsync::kNone;
                     return {};
                   }});
}

void add_safety(OptionTable& table, CopyArguments& into) {
  table.push_back({.name = "dry-run",
                   .letters = "n",
                   .group = kSafetyGroup,
                   .help = "Change nothing; print what would be done",
                   .man = "Every line on standard output is an action and the quoted path it would be done to. Where "
                          "--json takes standard output, the events tell the same.",
                   .set = set_flag(into.config.dry_run)});
  table.push_back({.name = "verify",
                   .group = kSafetyGroup,
                   .help = "Read every copy back, past the cache, before it gets its name",
                   .man = "A copy that differs from what was read is reported as failed and gets no name.",
                   .set = set_flag(into.config.verify)});
  add_reflink_and_fsync(table, into);
  table.push_back({.name = "limit-rate",
                   .takes = Takes::kValue,
                   .value = Value::kSize,
                   .placeholder = "RATE",
                   .group = kSafetyGroup,
                   .help = "At most RATE bytes a second over all workers, as 10M",
                   .man = "A size as of --max-size, with or without /s.",
                   .set = [&into](std::string_view value) -> Result<void> {
                     const auto rate = parse_rate(value);
                     if (!rate) return Unexpected(rate.error());
                     into.config.limit_rate = *rate;
                     return {};
                   }});
}

}  // namespace

void add_copy_options(OptionTable& table, CopyArguments& into) {
  add_places(table, into);
  add_existing(table, into);
  add_copy_selection_options(table, into);
  add_copy_metadata_options(table, into);
  add_safety(table, into);
  table.push_back({.name = "stats",
                   .group = kOutputGroup,
                   .help = "Print a table of what was done to standard output",
                   .man =
                       "One \"name: value\" a line, with the names of the JSON summary; on standard error where --json "
                       "takes standard output.",
                   .set = set_flag(into.stats)});
  add_shared_options(table, into.shared);
}

}  // namespace mtask::cli
