// Walking a directory: making its counterpart, handing its entries out in batches, and its metadata when all is done.

#include <fcntl.h>
#include <sys/stat.h>

#include "copy/directory_reader.hpp"
#include "copy/worker.hpp"
#include "os/syscall.hpp"

namespace mtask::copy {
namespace {

Identity identity_of(const struct stat& status) noexcept { return {status.st_dev, status.st_ino}; }

int open_directory(int parent, const char* name) {
  return os::retry([&] { return ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC); });
}

// A user's own directory whose mode denies him is opened to him until finish(), which gives the mode back. The mode is
// noted before it is changed, and once: whoever does this again after a death sees the changed one.
void note_mode(Directory& entry, mode_t mode) noexcept {
  if ((entry.flags & Directory::kWidened) != 0) return;
  entry.widened_from = mode & 07777;
  entry.flags |= Directory::kWidened;
}

int open_denied_directory(int parent, const char* name, Directory& entry) {
  UniqueFd path(os::retry([&] { return ::openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC); }));
  struct stat status {};
  if (!path || ::fstat(path.get(), &status) == -1) return -1;
  note_mode(entry, status.st_mode);
  const mode_t wide = (status.st_mode & 07777) | 0700;
  if (::chmod(("/proc/self/fd/" + std::to_string(path.get())).c_str(), wide) != 0) return -1;
  return open_directory(parent, name);
}

}  // namespace

bool Worker::loops(DirId dir, const Identity& identity) const {
  for (const Root& root : run_.roots) {
    if (root.destination.inode != 0 && root.destination == identity) return true;
  }
  for (DirId above = board_.directory(dir).parent; board_.directory(above).parent != kNoId;
       above = board_.directory(above).parent) {
    const Directory& entry = board_.directory(above);
    if (entry.source == identity) return true;
    const bool is_root = board_.directory(entry.parent).parent == kNoId;
    if (is_root && (entry.flags & Directory::kAbsent) == 0 && entry.destination == identity) return true;
  }
  return false;
}

Trouble Worker::enter_destination(DirId dir, OpenDirectory& parent, bool redone, const struct stat& from, UniqueFd& fd,
                                  struct stat& status) {
  Directory& entry = board_.directory(dir);
  const char* name = directories_.destination_name(dir);
  const bool in_operand = (board_.directory(entry.parent).flags & Directory::kOperand) != 0;
  const int parent_source = in_operand ? -1 : parent.source;
  bool made = false;
  if ((board_.directory(entry.parent).flags & Directory::kAbsent) != 0) {
    entry.flags |= Directory::kAbsent | Directory::kFresh;
    count(report_.counters().directories);
    return {};
  }
  struct stat existing {};
  bool exists = ::fstatat(parent.destination, name, &existing, AT_SYMLINK_NOFOLLOW) == 0;
  if (exists && !S_ISDIR(existing.st_mode)) {
    if (config_.update == Update::kNone) return {EEXIST, "make directory", Trouble::Side::kDestination, nullptr};
    if (!config_.dry_run) {
      if (Trouble trouble = placement_.clear_way({parent.destination, parent_source}, name, existing)) return trouble;
    }
    if (config_.backup_suffix && report_.wants_items()) report_.backed_up(dir, {}, board_.new_item_number());
    exists = false;
  }
  if (!exists) {
    if (config_.dry_run) {
      entry.flags |= Directory::kAbsent | Directory::kFresh;
      count(report_.counters().directories);
      return {};
    }
    const mode_t mode = config_.preserve.mode ? 0700 : 0777 & ~run_.mask;
    entry.flags |= Directory::kMade;
    made = ::mkdirat(parent.destination, name, mode) == 0;
    if (!made && errno != EEXIST) return Trouble::destination("make directory");
    if (!made) entry.flags &= ~std::uint32_t{Directory::kMade};
  }
  int raw = open_directory(parent.destination, name);
  if (raw == -1 && errno == EACCES && !config_.dry_run) raw = open_denied_directory(parent.destination, name, entry);
  fd = UniqueFd(raw);
  if (!fd) return Trouble::destination("open directory");
  if (::fstat(fd.get(), &status) == -1) return Trouble::destination("examine directory");
  if (made && !redone) entry.flags |= Directory::kFresh;
  if (made) count(report_.counters().directories);
  if (!made && !config_.dry_run) {
    if (run_.user != 0 && status.st_uid == run_.user && (status.st_mode & 0700) != 0700) {
      note_mode(entry, status.st_mode);
      ::fchmod(fd.get(), entry.widened_from | 0700);
    }
    // Whatever a dead run left changed the directory's time; once finished, it has the source's.
    const bool untouched = !redone && config_.preserve.timestamps && status.st_mtim.tv_sec == from.st_mtim.tv_sec &&
                           status.st_mtim.tv_nsec == from.st_mtim.tv_nsec;
    if (!untouched) placement_.sweep(fd.get(), redone);
  }
  if (Metadata::has_default_acl({fd.get()})) entry.flags |= Directory::kDefaultAcl;
  return {};
}

Trouble Worker::enter(DirId dir, bool redone, OpenDirectoryRef& opened) {
  Directory& entry = board_.directory(dir);
  OpenDirectoryRef parent;
  if (Trouble trouble = directories_.open(entry.parent, parent)) return trouble;
  const bool is_root = board_.directory(entry.parent).parent == kNoId;
  const char* name = is_root ? run_.roots[entry.root].source_name.c_str() : board_.name(dir).data();
  UniqueFd source(directories_.open_source(parent->source, name));
  if (!source && (errno == EMFILE || errno == ENFILE)) {
    directories_.shrink();
    source = UniqueFd(directories_.open_source(parent->source, name));
  }
  if (!source) return Trouble::source("open directory");
  struct stat status {};
  if (::fstat(source.get(), &status) == -1) return Trouble::source("examine directory");
  const Identity identity = identity_of(status);
  if (loops(dir, identity)) {
    return {ELOOP, "copy directory", Trouble::Side::kSource, "it contains itself, or the destination"};
  }
  UniqueFd destination;
  struct stat target {};
  if (Trouble trouble = enter_destination(dir, *parent, redone, status, destination, target)) return trouble;
  if (destination && identity_of(target) == identity) {
    return {EINVAL, "copy directory", Trouble::Side::kSource, "source and destination are the same directory"};
  }
  if (config_.one_file_system && !is_root && status.st_dev != board_.directory(entry.parent).source.device) {
    entry.flags |= Directory::kNoDescend;
  }
  entry.source = identity;
  entry.destination = identity_of(target);
  entry.atime = status.st_atim;
  if (destination && (entry.flags & Directory::kFresh) == 0 && run_.round == 0 && config_.preserve.timestamps &&
      !metadata_.differs(status, target) && !metadata_.has_attributes(source.get(), ".", false) &&
      !metadata_.has_attributes(destination.get(), ".", false)) {
    entry.settled_at = target.st_ctim;
    entry.flags |= Directory::kSettled;
  }
  if (destination && !redone && (entry.flags & Directory::kFresh) == 0 && metadata_.differs(status, target)) {
    entry.flags |= Directory::kDiffers;
  }
  entry.flags |= Directory::kOpened;
  if (is_root) {
    board_.root_source(entry.root) = entry.source;
    board_.root_destination(entry.root) = entry.destination;
  }
  opened = directories_.insert(dir, std::move(source), std::move(destination), target);
  return {};
}

bool Worker::walk(SlotId& slot) {
  const DirId dir = board_.item(slot).dir;
  report_.set_current(board_.name(dir));
  OpenDirectoryRef opened;
  const bool redone = board_.redone(slot);
  const bool known = (board_.directory(dir).flags & Directory::kOpened) != 0;
  const Trouble trouble = known ? directories_.open(dir, opened) : enter(dir, redone, opened);
  if (known) board_.directory(dir).flags &= ~std::uint32_t{Directory::kFresh};
  if (trouble) {
    report_.failed(dir, {}, 0, trouble);
    return !halted();
  }
  if ((board_.directory(dir).flags & (Directory::kFresh | Directory::kAbsent)) != 0) report_.made_directory(dir);
  if ((board_.directory(dir).flags & Directory::kNoDescend) != 0) return true;
  return list(slot, dir, std::move(opened));
}

bool Worker::list(SlotId& slot, DirId dir, OpenDirectoryRef opened) {
  const bool redone = board_.redone(slot);
  scratch_.clear();
  const bool listed = (board_.directory(dir).flags & Directory::kListed) != 0;
  const bool all = listed ? list_given(dir, opened, scratch_, redone) : list_read(dir, opened, scratch_, redone);
  if (!all) return false;
  if (scratch_.count() == 0) return true;
  if (const auto batch_slot = board_.continue_as_batch(slot, id_, scratch_)) {
    slot = *batch_slot;
    return batch(slot);
  }
  private_ = scratch_;
  return do_batch(dir, opened, private_, redone, nullptr);
}

bool Worker::add_to_batch(DirId dir, OpenDirectoryRef& opened, NameBlock& block, std::string_view name,
                          unsigned char type, bool redone) {
  if (name.size() > 255) {  // what Linux calls longest; some file systems go further
    report_.failed(dir, name, 0, {ENAMETOOLONG, "copy", Trouble::Side::kSource, nullptr});
    return !halted();
  }
  if (block.add(name, type)) return true;
  if (!board_.publish(dir, block)) {
    private_ = block;
    if (!do_batch(dir, opened, private_, redone, nullptr)) return false;
  }
  block.clear();
  static_cast<void>(block.add(name, type));  // an empty one takes any name
  return !halted();
}

bool Worker::list_read(DirId dir, OpenDirectoryRef& opened, NameBlock& block, bool redone) {
  if (redone) ::lseek(opened->source, 0, SEEK_SET);  // a cached fd may have been read
  DirectoryReader reader(opened->source);
  DirectoryReader::Entry entry{};
  while (reader.next(entry)) {
    if (!add_to_batch(dir, opened, block, entry.view(), entry.type, redone)) return false;
  }
  if (errno != 0) report_.failed(dir, {}, 0, Trouble::source("read directory"));
  return true;
}

bool Worker::list_given(DirId dir, OpenDirectoryRef& opened, NameBlock& block, bool redone) {
  bool go_on = true;
  const std::string relative = report_.relative_path(dir, {});
  run_.listed->for_each_child(relative, [&](std::string_view name, bool has_children) {
    if (!go_on || (has_children && !leads_on(dir, *opened, relative, name))) return;
    go_on = add_to_batch(dir, opened, block, name, DT_UNKNOWN, redone);
  });
  return go_on;
}

bool Worker::leads_on(DirId dir, const OpenDirectory& opened, const std::string& relative, std::string_view name) {
  struct stat status {};
  const int follow = config_.dereference ? 0 : AT_SYMLINK_NOFOLLOW;
  const bool there = ::fstatat(opened.source, std::string(name).c_str(), &status, follow) == 0;
  if (!there || S_ISDIR(status.st_mode)) return true;
  const std::size_t skip = relative.empty() ? 0 : relative.size() + 1;
  const std::string path = relative + (skip > 0 ? "/" : "") + std::string(name);
  for (const std::string_view below : run_.listed->below(path)) {
    report_.failed(dir, below.substr(skip), 0, {ENOTDIR, "open", Trouble::Side::kSource, nullptr});
  }
  return run_.listed->contains(path);
}

bool Worker::keeps_metadata(const Directory& directory) const noexcept {
  return config_.update == Update::kNone && (directory.flags & Directory::kMade) == 0;
}

void Worker::finish(DirId dir) {
  Directory& entry = board_.directory(dir);
  constexpr std::uint32_t kNothingToDo = Directory::kOperand | Directory::kAbsent;
  if (entry.state != Directory::kLive || (entry.flags & Directory::kOpened) == 0 || (entry.flags & kNothingToDo) != 0) {
    return;
  }
  if (run_.phase == Phase::kPrune && (entry.flags & Directory::kTouched) == 0) return;
  bool updated = (entry.flags & Directory::kDiffers) != 0;
  if (config_.dry_run && updated) report_.updated_directory(dir);
  if (config_.dry_run) return;
  OpenDirectoryRef opened;
  struct stat status {};
  struct stat existing {};
  Trouble trouble = directories_.open(dir, opened);
  if (!trouble && ::fstat(opened->source, &status) == -1) trouble = Trouble::source("examine directory");
  if (!trouble && ::fstat(opened->destination, &existing) == -1) trouble = Trouble::destination("examine directory");
  if (trouble) {
    report_.failed(dir, {}, 0, trouble);
    return;
  }
  if (board_.deaths() > 0) {
    placement_.sweep(opened->destination, true);
    ::fstat(opened->destination, &existing);
  }
  status.st_atim = entry.atime;
  const Metadata::Name name{dir, {}};
  if ((entry.flags & Directory::kFresh) != 0) {
    const Metadata::Fresh fresh{existing.st_uid, existing.st_gid, existing.st_mode & 07777,
                                (entry.flags & Directory::kDefaultAcl) != 0};
    trouble = metadata_.apply({opened->source}, status, {opened->destination}, fresh, name);
  } else if (!keeps_metadata(entry) &&
             (metadata_.differs(status, existing) || metadata_.has_attributes(opened->source, ".", false) ||
              metadata_.has_attributes(opened->destination, ".", false))) {
    bool changed = false;
    trouble = metadata_.mend({opened->source}, status, {opened->destination}, existing, name, changed);
    // Its own entries move a directory's time: that alone is no update.
    updated = updated || (changed && !metadata_.differs(status, existing));
  }
  const bool had_mode = (entry.flags & Directory::kWidened) != 0 && (!config_.preserve.mode || keeps_metadata(entry));
  if (had_mode && ::fchmod(opened->destination, entry.widened_from) == -1 && !trouble) {
    trouble = Trouble::destination("set the mode of");
  }
  if (!trouble && config_.fsync == Fsync::kEach && os::retry([&] { return ::fsync(opened->destination); }) == -1) {
    trouble = Trouble::destination("write out");
  }
  if (trouble) {
    report_.failed(dir, {}, 0, trouble);
  } else if (updated) {
    report_.updated_directory(dir);
  }
}

}  // namespace mtask::copy
