#include "pool/spill_directory.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.hpp"

namespace mtask::pool {
namespace {

constexpr std::string_view kPrefix = "mtask-pool-";
constexpr std::size_t kRandom = 6;
constexpr const char* kLock = "lock";
constexpr time_t kYoung = 60;  // seconds; a directory without a lock may be one that is being made

using Directory = std::unique_ptr<DIR, int (*)(DIR*)>;

Directory open_directory(const std::string& path) {
  return {::opendir(path.c_str()), [](DIR* d) { return ::closedir(d); }};
}

// Nobody holds its lock. `fd` gets the lock, so that no other sweeper comes along.
bool is_dead(const std::string& path, UniqueFd& fd) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode) || status.st_uid != ::geteuid()) return false;
  fd.reset(::open((path + "/" + kLock).c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  if (!fd) return errno == ENOENT && ::time(nullptr) - status.st_mtime > kYoung;
  return ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0;
}

void sweep(const std::string& parent) {
  std::vector<std::string> candidates;
  const Directory directory = open_directory(parent);
  if (!directory) return;
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string_view name(entry->d_name);
    if (name.starts_with(kPrefix) && name.size() == kPrefix.size() + kRandom) {
      candidates.push_back(parent + "/" + std::string(name));
    }
  }
  for (const std::string& path : candidates) {
    UniqueFd lock;
    if (is_dead(path, lock)) remove_spill_directory(path);
  }
}

}  // namespace

Result<SpillDirectory> SpillDirectory::create(const std::string& parent) {
  sweep(parent);
  for (;;) {
    SpillDirectory made;
    std::string path = parent + "/" + std::string(kPrefix) + "XXXXXX";
    if (::mkdtemp(path.data()) == nullptr) {
      return Unexpected(system_error(ErrorKind::kUnavailable, errno, "cannot make a directory in " + quote(parent)));
    }
    made.path_ = path;
    made.lock_.reset(::open((path + "/" + kLock).c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!made.lock_) {
      return Unexpected(system_error(ErrorKind::kUnavailable, errno, "cannot make a file in " + quote(path)));
    }
    // A sweeper may have come before us.
    struct stat status {};
    if (::flock(made.lock_.get(), LOCK_EX | LOCK_NB) == 0 && ::fstat(made.lock_.get(), &status) == 0 &&
        status.st_nlink > 0) {
      return made;
    }
  }
}

SpillDirectory::SpillDirectory(SpillDirectory&& other) noexcept
    : path_(std::exchange(other.path_, {})), lock_(std::move(other.lock_)) {}

SpillDirectory& SpillDirectory::operator=(SpillDirectory&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(lock_, other.lock_);
  return *this;
}

SpillDirectory::~SpillDirectory() {
  if (!path_.empty()) remove_spill_directory(path_);
}

void remove_spill_directory(const std::string& path) noexcept {
  if (const Directory directory = open_directory(path)) {
    while (const dirent* entry = ::readdir(directory.get())) {
      if (std::strcmp(entry->d_name, kLock) != 0) ::unlinkat(::dirfd(directory.get()), entry->d_name, 0);
    }
    ::unlinkat(::dirfd(directory.get()), kLock, 0);
  }
  ::rmdir(path.c_str());
}

}  // namespace mtask::pool
