#include "copy/directory_cache.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>

#include "os/syscall.hpp"

namespace mtask::copy {
namespace {

constexpr std::size_t kMostOpen = 64;  // directories, two fds each

std::size_t affordable() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 4;
  const std::size_t spare = limit.rlim_cur > 40 ? limit.rlim_cur - 40 : 0;
  return std::clamp<std::size_t>(spare / 2, 4, kMostOpen);
}

bool is(int fd, const Identity& expected) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && Identity{status.st_dev, status.st_ino} == expected;
}

}  // namespace

DirectoryCache::DirectoryCache(RunState& run) : run_(run), limit_(affordable()) {}

int DirectoryCache::open_source(int parent, const char* name) const {
  const int follow = run_.config.dereference ? 0 : O_NOFOLLOW;
  const int noatime = run_.config.keep_atime ? O_NOATIME : 0;
  int fd = os::retry([&] { return ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | follow | noatime); });
  if (fd == -1 && errno == EPERM && noatime != 0) {
    fd = os::retry([&] { return ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | follow); });
  }
  return fd;
}

const char* DirectoryCache::destination_name(DirId dir) const {
  Board& board = *run_.board;
  const Directory& entry = board.directory(dir);
  const bool is_root = board.directory(entry.parent).parent == kNoId;
  return is_root ? run_.roots[entry.root].destination_name.c_str() : board.name(dir).data();
}

OpenDirectoryRef DirectoryCache::find(DirId dir) {
  const std::uint32_t generation = run_.board->directory(dir).generation;
  for (Slot& slot : slots_) {
    if (slot.directory->id == dir && slot.directory->generation == generation) {
      slot.used = ++clock_;
      return slot.directory;
    }
  }
  return nullptr;
}

OpenDirectoryRef DirectoryCache::insert(DirId dir, UniqueFd source, UniqueFd destination, const struct stat& status) {
  auto entry = std::make_shared<OpenDirectory>();
  entry->id = dir;
  entry->generation = run_.board->directory(dir).generation;
  entry->source = source.get();
  entry->destination = destination.get();
  entry->own_group = status.st_gid;
  entry->new_file_group = (status.st_mode & S_ISGID) != 0 ? status.st_gid : run_.group;
  entry->owned_source = std::move(source);
  entry->owned_destination = std::move(destination);
  if (slots_.size() >= limit_) {
    auto oldest = slots_.end();
    for (auto slot = slots_.begin(); slot != slots_.end(); ++slot) {
      if (slot->directory.use_count() == 1 && (oldest == slots_.end() || slot->used < oldest->used)) oldest = slot;
    }
    if (oldest != slots_.end()) {
      *oldest = Slot{entry, ++clock_};
      return entry;
    }
  }
  slots_.push_back({entry, ++clock_});
  return entry;
}

OpenDirectoryRef DirectoryCache::operand(DirId dir) {
  if (auto known = find(dir)) return known;
  const Root& root = run_.roots[run_.board->directory(dir).root];
  struct stat status {};
  if (root.destination_parent) ::fstat(root.destination_parent->get(), &status);
  auto entry = insert(dir, UniqueFd(), UniqueFd(), status);
  entry->source = root.source_parent->get();
  if (root.destination_parent) entry->destination = root.destination_parent->get();
  return entry;
}

Trouble DirectoryCache::open_below(const OpenDirectory& parent, DirId dir, OpenDirectoryRef& result) {
  const Directory& entry = run_.board->directory(dir);
  UniqueFd source(open_source(parent.source, run_.board->name(dir).data()));
  if (!source) return Trouble::source("open directory");
  if (!is(source.get(), entry.source)) return {ESTALE, "open directory", Trouble::Side::kSource, "replaced meanwhile"};
  UniqueFd destination;
  struct stat status {};
  if ((entry.flags & Directory::kAbsent) == 0) {
    destination = UniqueFd(os::retry([&] {
      return ::openat(parent.destination, destination_name(dir), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    }));
    if (!destination) return Trouble::destination("open directory");
    if (::fstat(destination.get(), &status) != 0) return Trouble::destination("examine directory");
    if (Identity{status.st_dev, status.st_ino} != entry.destination) {
      return {ESTALE, "open directory", Trouble::Side::kDestination, "replaced meanwhile"};
    }
  }
  result = insert(dir, std::move(source), std::move(destination), status);
  return {};
}

Trouble DirectoryCache::open(DirId dir, OpenDirectoryRef& result) {
  Board& board = *run_.board;
  std::vector<DirId> below;  // to be opened, deepest first
  DirId at = dir;
  OpenDirectoryRef current;
  while ((current = find(at)) == nullptr) {
    if (board.directory(at).parent == kNoId) {
      current = operand(at);
      break;
    }
    below.push_back(at);
    at = board.directory(at).parent;
  }
  while (!below.empty()) {
    OpenDirectoryRef next;
    Trouble trouble = open_below(*current, below.back(), next);
    if (trouble.error == EMFILE || trouble.error == ENFILE) {
      shrink();
      trouble = open_below(*current, below.back(), next);
    }
    if (trouble) return trouble;
    current = std::move(next);
    below.pop_back();
  }
  result = std::move(current);
  return {};
}

void DirectoryCache::shrink() {
  std::erase_if(slots_, [](const Slot& slot) { return slot.directory.use_count() == 1; });
}

}  // namespace mtask::copy
