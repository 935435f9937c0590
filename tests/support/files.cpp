#include "support/files.hpp"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace mtask::test {

Fd& Fd::operator=(Fd&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Fd::~Fd() {
  if (fd_ >= 0) ::close(fd_);
}

void fail_with_errno(const std::string& what) { throw std::system_error(errno, std::generic_category(), what); }

Fd open_at(int directory, const std::string& name, int flags, mode_t mode) {
  Fd fd(::openat(directory, name.c_str(), flags | O_CLOEXEC, mode));
  if (fd < 0) fail_with_errno("open " + name);
  return fd;
}

Fd open_directory(const std::filesystem::path& path) {
  return open_at(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

std::vector<std::string> names_in(int directory) {
  const int copy = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* stream = copy < 0 ? nullptr : ::fdopendir(copy);
  if (stream == nullptr) fail_with_errno("reading a directory");
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(stream)) {
    const std::string name = static_cast<const char*>(entry->d_name);
    if (name != "." && name != "..") names.push_back(name);
  }
  ::closedir(stream);
  std::sort(names.begin(), names.end());
  return names;
}

std::string pattern(std::size_t size, std::uint64_t seed) {
  std::string bytes(size, '\0');
  std::uint64_t state = seed * 0x9E3779B97F4A7C15U + 1;
  for (char& byte : bytes) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    byte = static_cast<char>(1 + state % 255);
  }
  return bytes;
}

void write_at(int fd, std::string_view bytes, off_t offset) {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(fd, bytes.data(), bytes.size(), offset);
    if (n <= 0) fail_with_errno("pwrite");
    bytes.remove_prefix(static_cast<std::size_t>(n));
    offset += n;
  }
}

void write_file_at(int directory, const std::string& name, std::string_view bytes, mode_t mode) {
  const Fd fd = open_at(directory, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600);
  write_at(fd, bytes, 0);
  if (::fchmod(fd, mode) != 0) fail_with_errno("fchmod " + name);
}

void write_file(const std::filesystem::path& path, std::string_view bytes, mode_t mode) {
  write_file_at(AT_FDCWD, path, bytes, mode);
}

std::string read_file(const std::filesystem::path& path) {
  const Fd fd = open_at(AT_FDCWD, path, O_RDONLY | O_NOFOLLOW);
  std::string bytes;
  char buffer[65536];
  for (ssize_t n = 0; (n = ::read(fd, buffer, sizeof buffer)) != 0;) {
    if (n < 0) fail_with_errno("read " + path.string());
    bytes.append(buffer, static_cast<std::size_t>(n));
  }
  return bytes;
}

void set_mtime(const std::filesystem::path& path, timespec mtime) {
  const timespec times[2] = {mtime, mtime};
  if (::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0) fail_with_errno("utimensat");
}

struct stat stat_of(const std::filesystem::path& path) {
  struct stat st {};
  if (::lstat(path.c_str(), &st) != 0) fail_with_errno("lstat " + path.string());
  return st;
}

bool entry_exists(const std::filesystem::path& path) {
  struct stat st {};
  return ::lstat(path.c_str(), &st) == 0;
}

std::vector<std::string> paths_below(const std::filesystem::path& root) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    found.push_back(entry.path().lexically_relative(root));
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace mtask::test
