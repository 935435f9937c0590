#include "cli/copy_command.hpp"
#include "cli/copy_manual.hpp"

namespace mtask::cli {
namespace {

constexpr std::string_view kAbout = R"(DST becomes what SRC is, whether it exists or not: copying a directory onto an
existing one merges into it, and running the command again updates. A file
copied onto an existing directory goes inside, and so does each of several
sources. A slash at the end of a name means nothing. What is already there with
the same type, size and modification time is skipped. A name always holds the
old or the whole new file. Metadata, hard links and holes are kept.)";

std::vector<Example> examples() {
  return {
      {"make /mnt/backup/docs what docs is; again: update it", "mtask copy docs /mnt/backup/docs"},
      {"see what a mirror would copy and delete, then do it without -n",
       "mtask copy -n --delete ~/photos /mnt/usb/photos"},
      {"put two directories inside another, leaving out what git ignores",
       "mtask copy -t /srv/archive --ignore-file .gitignore site tools"},
      {"copy what a search found, with its parent directories",
       "cd src && find . -name '*.hpp' -print0 | mtask copy --files-from - -0 . /tmp/headers"},
      {"copy to a stick and trust nothing: read back, force to the disk",
       "mtask copy --verify --fsync=end album /media/stick/album"},
      {"leave the network some room and keep a page of what happened",
       "mtask copy --limit-rate 20M --report copy.html data /mnt/nas/data"},
      {"count what was copied from the JSON summary", "mtask copy --json docs /tmp/docs | tail -n 1"},
  };
}

}  // namespace

const Page& copy_page() {
  static const Page page{
      .usage = {"[OPTION]... [--] SRC DST", "[OPTION]... [--] SRC SRC... DIR", "[OPTION]... -t DIR [--] SRC..."},
      .about = kAbout,
      .description = copy_description(),
      .examples = examples(),
      .sections = copy_sections(),
      .see_also = {"mtask(1)", "cp(1)", "rsync(1)", "gitignore(5)", "symlink(7)", "xattr(7)"}};
  return page;
}

}  // namespace mtask::cli
