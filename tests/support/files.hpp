#pragma once
// Short ways to make and read single files in tests. Paths are relative to a directory descriptor (AT_FDCWD too), so
// that trees deeper than PATH_MAX can be worked on. All throw std::system_error when the system refuses.

#include <fcntl.h>
#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mtask::test {

// Owns a descriptor.
class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Fd& operator=(Fd&& other) noexcept;
  ~Fd();
  [[nodiscard]] int get() const { return fd_; }
  operator int() const { return fd_; }  // NOLINT(google-explicit-constructor): a system call's argument

 private:
  int fd_;
};

// Fails the test with the system's reason; `what` names the call and the name.
[[noreturn]] void fail_with_errno(const std::string& what);

[[nodiscard]] Fd open_at(int directory, const std::string& name, int flags, mode_t mode = 0600);
[[nodiscard]] Fd open_directory(const std::filesystem::path& path);
// Sorted by bytes, without "." and "..".
[[nodiscard]] std::vector<std::string> names_in(int directory);

// Bytes that depend on `seed` and hold no zero byte; runs of one seed share prefixes.
[[nodiscard]] std::string pattern(std::size_t size, std::uint64_t seed);

void write_at(int fd, std::string_view bytes, off_t offset);
void write_file_at(int directory, const std::string& name, std::string_view bytes, mode_t mode = 0644);
void write_file(const std::filesystem::path& path, std::string_view bytes, mode_t mode = 0644);
[[nodiscard]] std::string read_file(const std::filesystem::path& path);
void set_mtime(const std::filesystem::path& path, timespec mtime);
[[nodiscard]] struct stat stat_of(const std::filesystem::path& path);  // of the link itself
[[nodiscard]] bool entry_exists(const std::filesystem::path& path);    // the link itself

// Every path below `root`, relative, directories too, sorted; symlinks are not followed.
[[nodiscard]] std::vector<std::string> paths_below(const std::filesystem::path& root);

}  // namespace mtask::test
