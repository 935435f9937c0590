#include "base/text.hpp"
#include "cli/copy_arguments.hpp"
#include "cli/text_file.hpp"

namespace mtask::cli {
namespace {

using Takes = Option::Takes;

constexpr std::string_view kMetadataGroup = "Metadata";

struct Part {
  std::string_view name;
  bool copy::Preserve::*member;
};

constexpr Part kParts[] = {
    {"mode", &copy::Preserve::mode},
    {"ownership", &copy::Preserve::ownership},
    {"timestamps", &copy::Preserve::timestamps},
    {"links", &copy::Preserve::links},
    {"sparse", &copy::Preserve::sparse},
    {"xattr", &copy::Preserve::xattr},
    {"acl", &copy::Preserve::acl},
};

std::vector<std::string_view> part_names() {
  std::vector<std::string_view> names;
  for (const Part& part : kParts) names.push_back(part.name);
  names.emplace_back("all");
  return names;
}

// The table's choices were checked before, so every word is one of part_names().
std::function<Result<void>(std::string_view)> turn(copy::Preserve& preserve, bool on) {
  return [&preserve, on](std::string_view list) -> Result<void> {
    for (const std::string_view word : split(list, ',')) {
      for (const Part& part : kParts) {
        if (word == part.name || word == "all") preserve.*part.member = on;
      }
    }
    return {};
  };
}

std::function<Result<void>(std::string_view)> keep_exactly(copy::Preserve& preserve) {
  return [&preserve](std::string_view list) -> Result<void> {
    for (const Part& part : kParts) preserve.*part.member = false;
    return turn(preserve, true)(list);
  };
}

}  // namespace

void add_copy_metadata_options(OptionTable& table, CopyArguments& into) {
  table.push_back({.name = "preserve",
                   .takes = Takes::kOptionalValue,
                   .placeholder = "LIST",
                   .bare = "all",
                   .group = kMetadataGroup,
                   .help = "Keep these alone: mode,ownership,timestamps,links,sparse,xattr,acl,all (default: all)",
                   .man = "Without it all are kept; --preserve=mode,timestamps keeps these two and nothing else. A "
                          "later --no-preserve takes away from that. In the configuration file it may also be a table "
                          "of booleans, as preserve = { xattr = false }, which says nothing about the others.",
                   .choices = part_names(),
                   .comma_list = true,
                   .set = keep_exactly(into.config.preserve),
                   .add = turn(into.config.preserve, true)});
  table.push_back({.name = "no-preserve",
                   .takes = Takes::kValue,
                   .placeholder = "LIST",
                   .group = kMetadataGroup,
                   .help = "Leave these out",
                   .man =
                       "Without mode, new entries get what the umask leaves; without links, each hard link becomes a "
                       "file of its own; without sparse, holes are written as zeros.",
                   .choices = part_names(),
                   .comma_list = true,
                   .set = turn(into.config.preserve, false)});
  table.push_back({.name = "dereference",
                   .letters = "L",
                   .group = kMetadataGroup,
                   .help = "Copy what symbolic links point to",
                   .set = set_flag(into.config.dereference)});
  table.push_back({.name = "atime",
                   .group = kMetadataGroup,
                   .help = "Leave the source's access times as they were",
                   .man = "Works for the files' owner and for root.",
                   .set = set_flag(into.config.keep_atime)});
}

}  // namespace mtask::cli
