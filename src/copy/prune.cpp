// --delete: what the destination has and the source doesn't. A phase of its own, after all was copied without failure.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "copy/directory_reader.hpp"
#include "copy/worker.hpp"
#include "os/syscall.hpp"

namespace mtask::copy {
namespace {

constexpr unsigned kDeepest = 200;  // levels of a deleted tree when single entries of it may have to stay

int open_directory(int parent, const char* name) {
  return os::retry([&] { return ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC); });
}

}  // namespace

// Opens both sides of a directory that the first phase left behind; nothing is made.
Trouble Worker::enter_existing(DirId dir, OpenDirectoryRef& opened) {
  Directory& entry = board_.directory(dir);
  OpenDirectoryRef parent;
  if (Trouble trouble = directories_.open(entry.parent, parent)) return trouble;
  if (parent->destination == -1) return {ENOENT, "open directory", Trouble::Side::kDestination, nullptr};
  const bool is_root = board_.directory(entry.parent).parent == kNoId;
  const char* name = is_root ? run_.roots[entry.root].source_name.c_str() : board_.name(dir).data();
  UniqueFd source(directories_.open_source(parent->source, name));
  if (!source) return Trouble::source("open directory");
  UniqueFd destination(open_directory(parent->destination, directories_.destination_name(dir)));
  if (!destination) return Trouble::destination("open directory");
  struct stat from {};
  struct stat to {};
  if (::fstat(source.get(), &from) == -1) return Trouble::source("examine directory");
  if (::fstat(destination.get(), &to) == -1) return Trouble::destination("examine directory");
  const Identity copied = board_.root_source(entry.root);
  if (is_root && copied.inode != 0 && copied != Identity{from.st_dev, from.st_ino}) {
    return {ESTALE, "delete what is not in", Trouble::Side::kSource, "replaced meanwhile"};
  }
  const Identity first = board_.root_destination(entry.root);
  if (is_root && first.inode != 0 && first != Identity{to.st_dev, to.st_ino}) {
    return {ESTALE, "delete in", Trouble::Side::kDestination, "replaced meanwhile"};
  }
  if (run_.user != 0 && !config_.dry_run && to.st_uid == run_.user && (to.st_mode & 0700) != 0700) {
    entry.widened_from = to.st_mode & 07777;
    entry.flags |= Directory::kWidened | Directory::kTouched;
    ::fchmod(destination.get(), entry.widened_from | 0700);  // until finish()
  }
  entry.source = {from.st_dev, from.st_ino};
  entry.destination = {to.st_dev, to.st_ino};
  entry.atime = from.st_atim;
  entry.flags |= Directory::kOpened;
  if (config_.one_file_system && !is_root && from.st_dev != board_.directory(entry.parent).source.device) {
    entry.flags |= Directory::kNoDescend;
  }
  opened = directories_.insert(dir, std::move(source), std::move(destination), to);
  return {};
}

bool Worker::prune(SlotId slot) {
  const DirId dir = board_.item(slot).dir;
  OpenDirectoryRef opened;
  const bool known = (board_.directory(dir).flags & Directory::kOpened) != 0;
  if (const Trouble trouble = known ? directories_.open(dir, opened) : enter_existing(dir, opened)) {
    // Nothing there to prune: a dry run that would make it.
    const bool nothing =
        trouble.side == Trouble::Side::kDestination && (trouble.error == ENOENT || trouble.error == ENOTDIR);
    if (!nothing) report_.failed(dir, {}, 0, trouble);
    return !halted();
  }
  if ((board_.directory(dir).flags & Directory::kNoDescend) != 0) return true;
  if (const Trouble trouble = enter_ignore_rules(dir, *opened)) {
    report_.failed(dir, {}, 0, trouble);
    return !halted();
  }
  UniqueFd listing(open_directory(opened->destination, "."));
  if (!listing) {
    report_.failed(dir, {}, 0, Trouble::destination("read directory"));
    return !halted();
  }
  std::vector<std::pair<std::string, unsigned char>> names;  // deleting while reading may skip some
  DirectoryReader reader(listing.get());
  DirectoryReader::Entry entry{};
  while (reader.next(entry)) names.emplace_back(entry.name, entry.type);
  if (errno != 0) report_.failed(dir, {}, 0, Trouble::destination("read directory"));
  for (const auto& [name, type] : names) {
    if (halted()) return false;
    struct stat status {};
    if (type == DT_UNKNOWN && ::fstatat(opened->destination, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == -1)
      continue;
    const bool is_directory = type == DT_UNKNOWN ? S_ISDIR(status.st_mode) : type == DT_DIR;
    if (const Trouble trouble = prune_entry(dir, *opened, name.c_str(), is_directory)) {
      report_.failed(dir, name, 0, trouble);
    }
  }
  return !halted();
}

Trouble Worker::prune_entry(DirId dir, OpenDirectory& opened, const char* name, bool is_directory) {
  if (ignored_.active() && ignored_.excluded(name, is_directory)) return {};
  struct stat status {};
  if (::fstatat(opened.source, name, &status, AT_SYMLINK_NOFOLLOW) == 0) {
    const bool both = is_directory && (S_ISDIR(status.st_mode) || config_.dereference);
    if (both && !board_.add_directory(dir, name, 0, board_.deaths() > 0)) {
      return {ENOMEM, "read directory", Trouble::Side::kDestination, "too many directories are under way"};
    }
    return {};
  }
  if (errno != ENOENT) return Trouble::source("examine");
  const std::string_view view(name);
  if (config_.backup_suffix && view.ends_with(*config_.backup_suffix)) return {};
  const std::string relative = report_.relative_path(dir, name);
  Removal removal;
  Trouble trouble;
  if (config_.backup_suffix) {
    if (!config_.dry_run) trouble = placement_.move_to_backup({opened.destination, opened.source}, name);
    if (!trouble) removal = {1, {relative}};
  } else if (is_directory && (ignored_.active() || config_.dry_run)) {
    trouble = remove_unless_excluded(opened.destination, name, relative, 0, removal);
  } else {
    trouble = remove_plain(opened.destination, name, is_directory, relative, removal);
  }
  if (removal.entries > 0 && !config_.dry_run) board_.directory(dir).flags |= Directory::kTouched;
  count(report_.counters().deleted, removal.entries);
  for (const std::string& path : removal.gone) {
    const std::string_view below = std::string_view(path).substr(relative.size() - view.size());
    report_.finished(dir, below, report_.wants_items() ? board_.new_item_number() : 0, "delete", 0);
  }
  return trouble;
}

Trouble Worker::remove_plain(int directory, const char* name, bool is_directory, const std::string& relative,
                             Removal& removal) {
  Trouble trouble;
  if (config_.dry_run) {
    ++removal.entries;
  } else {
    trouble = placement_.remove(directory, name, is_directory, removal.entries);
  }
  if (!trouble) removal.gone.push_back(relative);
  return trouble;
}

// A directory that is not in the source, but may hold what the rules protect; or what a dry run would delete.
Trouble Worker::remove_unless_excluded(int directory, const char* name, const std::string& relative, unsigned depth,
                                       Removal& removal) {
  const bool only_counts = config_.dry_run && !ignored_.active();
  if (depth == kDeepest && only_counts) return remove_plain(directory, name, true, relative, removal);
  if (depth == kDeepest) return {ELOOP, "delete", Trouble::Side::kDestination, "its directories are nested too deep"};
  UniqueFd fd(open_directory(directory, name));
  if (!fd && errno == EACCES && only_counts) return remove_plain(directory, name, true, relative, removal);
  if (!fd) return Trouble::destination("delete");
  if (is_mount_point(directory, fd.get())) return mounted_there();
  std::vector<std::pair<std::string, unsigned char>> names;
  DirectoryReader reader(fd.get());
  DirectoryReader::Entry entry{};
  while (reader.next(entry)) names.emplace_back(entry.name, entry.type);
  if (errno != 0) return Trouble::destination("read directory");
  const std::size_t gone_before = removal.gone.size();
  bool emptied = true;
  for (auto& [child, type] : names) {
    if (halted()) return {kHalted, "", {}, nullptr};
    struct stat status {};
    if (type == DT_UNKNOWN && ::fstatat(fd.get(), child.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) {
      type = S_ISDIR(status.st_mode) ? DT_DIR : DT_REG;
    }
    std::string path = relative;
    path.append(1, '/').append(child);
    const bool stays = ignored_.active() && ignored_.path_excluded(path, type == DT_DIR);
    Trouble trouble;
    if (!stays && type == DT_DIR) {
      trouble = remove_unless_excluded(fd.get(), child.c_str(), path, depth + 1, removal);
    } else if (!stays) {
      trouble = remove_plain(fd.get(), child.c_str(), false, path, removal);
    }
    if (trouble) return trouble;
    emptied = emptied && !stays && !removal.gone.empty() && removal.gone.back() == path;
  }
  if (!emptied) return {};
  if (!config_.dry_run && ::unlinkat(directory, name, AT_REMOVEDIR) == -1) {
    return errno == ENOTEMPTY || errno == EEXIST ? Trouble{} : Trouble::destination("delete");
  }
  ++removal.entries;
  removal.gone.resize(gone_before);
  removal.gone.push_back(relative);
  return {};
}

}  // namespace mtask::copy
