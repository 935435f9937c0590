#include "gen/directory_walk.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "base/text.hpp"

namespace mtask::gen {
namespace {

constexpr std::size_t kOpenLevels = 64;
constexpr std::size_t kNameBytes = 32 * 1024;

char type_of_mode(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return 'f';
    case S_IFDIR:
      return 'd';
    case S_IFLNK:
      return 'l';
    case S_IFBLK:
      return 'b';
    case S_IFCHR:
      return 'c';
    case S_IFIFO:
      return 'p';
    case S_IFSOCK:
      return 's';
    default:
      return '?';
  }
}

char type_of_entry(unsigned char type) {
  return type == DT_UNKNOWN ? '?' : type_of_mode(static_cast<mode_t>(DTTOIF(type)));
}

int open_directory(int at, const char* name) {
  int fd = -1;
  do {
    fd = ::openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  } while (fd < 0 && errno == EINTR);
  return fd;
}

// The name that find's -name sees of a root.
std::size_t base_name_at(const std::string& path) {
  const std::size_t end = path.find_last_not_of('/');
  if (end == std::string::npos) return 0;
  const std::size_t slash = path.rfind('/', end);
  return slash == std::string::npos ? 0 : slash + 1;
}

}  // namespace

Error DirectoryWalk::failure(const char* what, int error) const {
  return system_error(ErrorKind::kItem, error, std::string("walk: cannot ") + what + " " + quote(path_));
}

int DirectoryWalk::current_fd() const noexcept { return levels_.empty() ? AT_FDCWD : levels_.back().fd.get(); }

Result<DirectoryWalk::Step> DirectoryWalk::begin(Entry& entry) {
  begun_ = true;
  path_ = root_;
  name_at_ = base_name_at(root_);
  struct stat status {};
  if (::fstatat(AT_FDCWD, root_.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return Unexpected(failure("find", errno));
  entry.path = path_;
  const std::size_t end = root_.find_last_not_of('/');
  entry.name = std::string_view(entry.path).substr(name_at_, end == std::string::npos ? 1 : end + 1 - name_at_);
  entry.type = type_of_mode(status.st_mode);
  entry.depth = 0;
  descend_ = entry.type == 'd';
  return Step::kEntry;
}

Result<DirectoryWalk::Step> DirectoryWalk::next(Entry& entry) {
  if (!begun_) return begin(entry);
  if (std::exchange(descend_, false)) {
    if (auto entered = enter(); !entered) return Unexpected(std::move(entered).error());
  }
  while (!levels_.empty() && levels_.back().at == levels_.back().names.size()) {
    if (auto left = leave(); !left) return Unexpected(std::move(left).error());
  }
  if (levels_.empty()) return Step::kEnd;
  Level& level = levels_.back();
  Name name = std::move(level.names[level.at++]);
  path_.resize(level.path_size);
  if (!path_.ends_with('/')) path_ += '/';
  name_at_ = path_.size();
  path_ += name.name;
  if (name.type == '?') {
    struct stat status {};
    if (::fstatat(level.fd.get(), name.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
      return Unexpected(failure("look at", errno));
    }
    name.type = type_of_mode(status.st_mode);
  }
  entry.path = path_;
  entry.name = std::string_view(entry.path).substr(name_at_);
  entry.type = name.type;
  entry.depth = levels_.size();
  descend_ = name.type == 'd';
  return Step::kEntry;
}

Result<void> DirectoryWalk::enter() {
  Level level;
  level.fd.reset(open_directory(current_fd(), levels_.empty() ? root_.c_str() : path_.c_str() + name_at_));
  struct stat status {};
  if (!level.fd || ::fstat(level.fd.get(), &status) != 0) return Unexpected(failure("open", errno));
  level.device = status.st_dev;
  level.inode = status.st_ino;
  level.path_size = path_.size();
  // What was read before a failure is walked all the same.
  Result<void> read = read_names(level);
  levels_.push_back(std::move(level));
  if (levels_.size() > kOpenLevels) levels_[levels_.size() - 1 - kOpenLevels].fd.reset();
  return read;
}

Result<void> DirectoryWalk::read_names(Level& level) {
  alignas(dirent64) std::array<char, kNameBytes> buffer;
  Result<void> result;
  for (;;) {
    const ssize_t size = ::getdents64(level.fd.get(), buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) result = Unexpected(failure("read", errno));
    if (size <= 0) break;
    for (std::size_t at = 0; at < static_cast<std::size_t>(size);) {
      const auto* const found = reinterpret_cast<const dirent64*>(buffer.data() + at);
      at += found->d_reclen;
      const std::string_view name = static_cast<const char*>(found->d_name);
      if (name != "." && name != "..") level.names.push_back(Name{std::string(name), type_of_entry(found->d_type)});
    }
  }
  std::sort(level.names.begin(), level.names.end(), [](const Name& a, const Name& b) { return a.name < b.name; });
  return result;
}

Result<void> DirectoryWalk::leave() {
  Level left = std::move(levels_.back());
  levels_.pop_back();
  if (levels_.empty() || levels_.back().fd) return {};
  Level& level = levels_.back();
  path_.resize(level.path_size);
  if (levels_.size() == 1 && level.at == level.names.size()) return {};  // nothing is left to come back for
  level.fd.reset(open_directory(left.fd.get(), ".."));
  struct stat status {};
  if (!level.fd || ::fstat(level.fd.get(), &status) != 0) {
    Error error = failure("come back to", errno);
    levels_.clear();
    return Unexpected(std::move(error));
  }
  if (status.st_dev != level.device || status.st_ino != level.inode) {
    Error error = failure("come back to", ESTALE);
    levels_.clear();
    return Unexpected(std::move(error));
  }
  return {};
}

}  // namespace mtask::gen
