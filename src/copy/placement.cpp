#include "copy/placement.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <vector>

#include "copy/directory_reader.hpp"
#include "os/syscall.hpp"

namespace mtask::copy {
namespace {

constexpr time_t kForeignAge = 24 * 60 * 60;  // seconds after which another machine's temporary file counts as left

int open_directory(int parent, const char* name) {
  return os::retry([&] { return ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC); });
}

}  // namespace

bool is_mount_point(int parent, int directory) noexcept {
  // The device alone would not tell a directory of the same file system that is mounted once more.
  struct statx outside {};
  struct statx inside {};
  constexpr unsigned kWanted = STATX_BASIC_STATS | STATX_MNT_ID;
  if (::statx(parent, "", AT_EMPTY_PATH, kWanted, &outside) != 0) return false;
  if (::statx(directory, "", AT_EMPTY_PATH, kWanted, &inside) != 0) return false;
  if (outside.stx_dev_major != inside.stx_dev_major || outside.stx_dev_minor != inside.stx_dev_minor) return true;
  const bool told = (outside.stx_mask & inside.stx_mask & STATX_MNT_ID) != 0;
  return told && outside.stx_mnt_id != inside.stx_mnt_id;
}

Temporary& Temporary::operator=(Temporary&& other) noexcept {
  discard();
  fd_ = std::move(other.fd_);
  directory_ = other.directory_;
  name_ = std::exchange(other.name_, {});
  return *this;
}

void Temporary::set_name(int directory, std::string name) {
  directory_ = directory;
  name_ = std::move(name);
}

void Temporary::discard() noexcept {
  if (!name_.empty()) ::unlinkat(directory_, name_.c_str(), 0);
  name_.clear();
  fd_.reset();
}

std::uint32_t Placement::next_number() {
  // A replaced worker must not meet the names of its predecessor.
  if (number_ == 0) number_ = run_.board->deaths() << 24;
  return ++number_;
}

Trouble Placement::make(int directory, mode_t mode, bool named, Temporary& result, mode_t& had_mode) {
  if (can_be_unnamed_ && !named) {
    UniqueFd fd(os::retry([&] { return ::openat(directory, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, mode); }));
    if (fd) {
      had_mode = mode;
      result = Temporary(std::move(fd), directory, {});
      return {};
    }
    if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL) return Trouble::destination("create");
    can_be_unnamed_ = false;
  }
  const std::string name = next_name();
  had_mode = 0600;
  UniqueFd fd(os::retry([&] {
    return ::openat(directory, name.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, had_mode);
  }));
  if (!fd) return Trouble::destination("create");
  result = Temporary(std::move(fd), directory, name);
  return {};
}

int Placement::link_unnamed(int fd, int directory, const char* name) {
  if (link_by_fd_) {
    if (::linkat(fd, "", directory, name, AT_EMPTY_PATH) == 0) return 0;
    if (errno != ENOENT) return -1;  // ENOENT: the kernel allows it to the privileged only
    link_by_fd_ = false;
  }
  const std::string self = "/proc/self/fd/" + std::to_string(fd);
  return ::linkat(AT_FDCWD, self.c_str(), directory, name, AT_SYMLINK_FOLLOW);
}

Trouble Placement::place(Temporary& file, Place place, const char* name, const struct stat* existing) {
  const int directory = place.directory;
  const bool unnamed = file.name().empty();
  if (existing == nullptr) {
    if (unnamed) {
      return link_unnamed(file.fd(), directory, name) == 0 ? Trouble{} : Trouble::destination("name");
    }
    return rename_new(file, directory, name);
  }
  if (unnamed) {
    std::string temporary = next_name();
    if (link_unnamed(file.fd(), directory, temporary.c_str()) == -1) return Trouble::destination("name");
    file.set_name(directory, std::move(temporary));
  }
  return rename_over(file, place, name, *existing);
}

Trouble Placement::rename_new(Temporary& file, int directory, const char* name) {
  int result = ::renameat2(directory, file.name().c_str(), directory, name, RENAME_NOREPLACE);
  if (result == -1 && (errno == EINVAL || errno == ENOSYS)) {
    result = ::renameat(directory, file.name().c_str(), directory, name);
  }
  if (result == -1) return Trouble::destination("name");
  file.keep_name();
  return {};
}

Trouble Placement::rename_over(Temporary& file, Place place, const char* name, const struct stat& existing) {
  const int directory = place.directory;
  if (S_ISDIR(existing.st_mode)) {
    if (Trouble trouble = clear_way(place, name, existing)) return trouble;
  } else if (run_.config.backup_suffix) {
    if (Trouble trouble = keep_backup(place, name)) return trouble;
  }
  if (::renameat(directory, file.name().c_str(), directory, name) == -1) return Trouble::destination("replace");
  // Of two names of one file, rename(2) leaves both; ours is then still there.
  ::unlinkat(directory, file.name().c_str(), 0);
  file.keep_name();
  return {};
}

Trouble Placement::must_stay() const {
  const bool guarded = !run_.filters.empty() || !run_.config.ignore_files.empty();  // it may hold what is to stay
  if (run_.config.remove_extraneous && !guarded) return {};
  return {ENOTEMPTY, "replace directory", Trouble::Side::kDestination,
          "it is not empty; remove it, or use --backup, or --delete without rules"};
}

Trouble Placement::may_clear_way(int directory, const char* name, const struct stat& existing) const {
  if (run_.config.backup_suffix || !S_ISDIR(existing.st_mode)) return {};
  UniqueFd fd(open_directory(directory, name));
  DirectoryReader reader(fd.get());
  DirectoryReader::Entry entry{};
  return fd && reader.next(entry) ? must_stay() : Trouble{};
}

Trouble Placement::clear_way(Place place, const char* name, const struct stat& existing) {
  const int directory = place.directory;
  if (run_.config.backup_suffix) return move_to_backup(place, name);
  if (!S_ISDIR(existing.st_mode)) {
    return ::unlinkat(directory, name, 0) == 0 || errno == ENOENT ? Trouble{} : Trouble::destination("replace");
  }
  if (::unlinkat(directory, name, AT_REMOVEDIR) == 0 || errno == ENOENT) return {};
  if (errno != ENOTEMPTY && errno != EEXIST) return Trouble::destination("replace directory");
  if (Trouble trouble = must_stay()) return trouble;
  std::uint64_t removed = 0;
  return remove(directory, name, true, removed);
}

// A hard link to what is there, so that the name is never free.
Trouble Placement::keep_backup(Place place, const char* name) {
  const std::string temporary = next_name();
  if (::linkat(place.directory, name, place.directory, temporary.c_str(), 0) == -1) return move_to_backup(place, name);
  const Trouble trouble = rename_to_backup(place, temporary.c_str(), name, false);
  ::unlinkat(place.directory, temporary.c_str(), 0);  // still there if the backup was another name of the file
  return trouble;
}

Trouble Placement::move_to_backup(Place place, const char* name) {
  struct stat status {};
  if (::fstatat(place.directory, name, &status, AT_SYMLINK_NOFOLLOW) == -1) {
    return errno == ENOENT ? Trouble{} : Trouble::destination("back up");
  }
  return rename_to_backup(place, name, name, S_ISDIR(status.st_mode));
}

// An older backup is overwritten; never a name that the source gives to another entry, nor what this run has made.
bool Placement::may_become_backup(Place place, const std::string& backup, bool of_directory, bool& exists) const {
  struct stat status {};
  if (place.source != -1 && ::fstatat(place.source, backup.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
      !(left_out_ && left_out_(backup.c_str()))) {
    return false;
  }
  exists = ::fstatat(place.directory, backup.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
  if (!exists) return true;
  return !changed_in_run(run_, status) && !of_directory && !S_ISDIR(status.st_mode);
}

Trouble Placement::rename_to_backup(Place place, const char* from, const char* name, bool is_directory) {
  std::string backup = name;
  for (;;) {
    backup += *run_.config.backup_suffix;
    bool exists = false;
    if (!may_become_backup(place, backup, is_directory, exists)) {
      if (backup.size() > 4096) return Trouble::destination("back up", ENAMETOOLONG);
      continue;
    }
    int result = exists ? ::renameat(place.directory, from, place.directory, backup.c_str())
                        : ::renameat2(place.directory, from, place.directory, backup.c_str(), RENAME_NOREPLACE);
    if (result == -1 && !exists && (errno == EINVAL || errno == ENOSYS)) {
      result = ::renameat(place.directory, from, place.directory, backup.c_str());
    }
    if (result == 0) return {};
    if (errno != EEXIST || exists) return Trouble::destination("back up");
  }
}

// Directories are emptied depth first with one fd a level; below kDeepest a subtree is moved up to the top of what is
// being removed, so that neither fds nor path lengths bound the depth, and no ".." is ever followed.
Trouble Placement::remove(int directory, const char* name, bool is_directory, std::uint64_t& removed) {
  constexpr std::size_t kDeepest = 24;
  if (!is_directory) {
    if (::unlinkat(directory, name, 0) == -1 && errno != ENOENT) return Trouble::destination("delete");
    ++removed;
    return {};
  }
  struct Level {
    UniqueFd fd;
    std::string name;
    DirectoryReader reader;
  };
  std::vector<Level> levels;
  const auto enter = [&](int parent, const char* child) -> Trouble {
    UniqueFd fd(open_directory(parent, child));
    if (!fd && errno == EACCES) {  // the owner's own read-only directory
      UniqueFd path(os::retry([&] { return ::openat(parent, child, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC); }));
      if (path) ::chmod(("/proc/self/fd/" + std::to_string(path.get())).c_str(), 0700);
      fd = UniqueFd(open_directory(parent, child));
    } else if (fd && run_.user != 0) {
      ::fchmod(fd.get(), 0700);
    }
    if (!fd) return Trouble::destination("delete");
    if (is_mount_point(parent, fd.get())) return mounted_there();
    const int raw = fd.get();
    levels.push_back({std::move(fd), child, DirectoryReader(raw)});
    return {};
  };
  if (Trouble trouble = enter(directory, name)) return trouble;
  while (!levels.empty()) {
    if (run_.board->halted() != Halt::kNo) return {kHalted, "", {}, nullptr};
    Level& level = levels.back();
    DirectoryReader::Entry entry{};
    if (level.reader.next(entry)) {
      if (::unlinkat(level.fd.get(), entry.name, 0) == 0) {
        ++removed;
      } else if (errno == EISDIR) {
        if (levels.size() < kDeepest) {
          if (Trouble trouble = enter(level.fd.get(), entry.name)) return trouble;
        } else if (::renameat(level.fd.get(), entry.name, levels.front().fd.get(), next_name().c_str()) == -1) {
          return Trouble::destination("delete");
        }
      } else if (errno != ENOENT) {
        return Trouble::destination("delete");
      }
      continue;
    }
    if (errno != 0) return Trouble::destination("read directory");
    const int parent = levels.size() > 1 ? levels[levels.size() - 2].fd.get() : directory;
    if (::unlinkat(parent, level.name.c_str(), AT_REMOVEDIR) == 0) {
      ++removed;
      levels.pop_back();
    } else if (errno == ENOTEMPTY || errno == EEXIST) {  // moved here from below, or put here meanwhile
      ::lseek(level.fd.get(), 0, SEEK_SET);
      level.reader = DirectoryReader(level.fd.get());
    } else {
      return Trouble::destination("delete");
    }
  }
  return {};
}

void Placement::sweep(int directory, bool ours) {
  UniqueFd fd(open_directory(directory, "."));
  if (!fd) return;
  DirectoryReader reader(fd.get());
  DirectoryReader::Entry entry{};
  std::vector<std::string> left;
  while (reader.next(entry)) {
    using Owner = TemporaryNames::Owner;
    const Owner owner = run_.temporaries.owner(entry.view());
    if (owner == Owner::kDead || (ours && owner == Owner::kThisRun)) left.emplace_back(entry.name);
    if (owner == Owner::kUnknown) {
      struct stat status {};
      if (::fstatat(directory, entry.name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
          status.st_ctim.tv_sec < ::time(nullptr) - kForeignAge) {
        left.emplace_back(entry.name);
      }
    }
  }
  for (const std::string& name : left) ::unlinkat(directory, name.c_str(), 0);
}

}  // namespace mtask::copy
