#include "support/temp_dir.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <system_error>
#include <vector>

#include "support/files.hpp"

namespace mtask::test {
namespace {

void remove_at(int parent, const std::string& name) {
  if (::unlinkat(parent, name.c_str(), 0) == 0 || (errno != EISDIR && errno != EPERM)) return;
  // Opening needs read permission, emptying all three.
  struct stat st {};
  if (::fstatat(parent, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR(st.st_mode)) return;
  (void)::fchmodat(parent, name.c_str(), 0700, 0);
  const int fd = ::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd >= 0) {
    for (const std::string& child : names_in(fd)) remove_at(fd, child);
    ::close(fd);
  }
  (void)::unlinkat(parent, name.c_str(), AT_REMOVEDIR);
}

// The mount points below `path`, innermost last.
std::vector<std::string> mounts_below(const std::string& path) {
  std::vector<std::string> found;
  std::ifstream table("/proc/self/mountinfo");
  for (std::string line; std::getline(table, line);) {
    std::istringstream fields(line);
    std::string field;
    for (int i = 0; i < 5; ++i) fields >> field;
    if (field.rfind(path + "/", 0) == 0) found.push_back(field);
  }
  return found;
}

constexpr char kPrefix[] = "mtask-test-";

// Takes away what test processes left that were killed.
void sweep(const std::filesystem::path& parent) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(parent, ignored)) {
    const std::string name = entry.path().filename();
    if (name.rfind(kPrefix, 0) != 0) continue;
    const auto pid = static_cast<pid_t>(std::atol(name.c_str() + sizeof kPrefix - 1));
    if (pid > 0 && ::kill(pid, 0) != 0 && errno == ESRCH) remove_tree(entry.path());
  }
}

}  // namespace

std::filesystem::path temp_root() {
  const char* set = std::getenv("TMPDIR");
  return set != nullptr && *set != '\0' ? set : "/tmp";
}

std::filesystem::path fast_temp_root() {
  struct statfs fs {};
  if (::access("/dev/shm", W_OK) != 0 || ::statfs("/dev/shm", &fs) != 0) return temp_root();
  const auto room = static_cast<std::uint64_t>(fs.f_bavail) * static_cast<std::uint64_t>(fs.f_bsize);
  return room > (256U << 20U) ? "/dev/shm" : temp_root();
}

TempDir::TempDir(const std::filesystem::path& parent) {
  const std::filesystem::path place = std::filesystem::canonical(parent);
  static const bool swept = (sweep(temp_root()), sweep("/dev/shm"), true);
  (void)swept;
  std::string name = place / (kPrefix + std::to_string(::getpid()) + "-XXXXXX");
  if (::mkdtemp(name.data()) == nullptr) throw std::system_error(errno, std::generic_category(), "mkdtemp " + name);
  (void)::chmod(name.c_str(), 0755);
  path_ = name;
}

TempDir::~TempDir() { remove_tree(path_); }

void remove_tree(const std::filesystem::path& path) noexcept {
  try {
    const std::vector<std::string> mounts = mounts_below(path.string());
    for (auto mount = mounts.rbegin(); mount != mounts.rend(); ++mount) (void)::umount2(mount->c_str(), MNT_DETACH);
    remove_at(AT_FDCWD, path.string());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s stays behind: %s\n", path.c_str(), error.what());
  }
}

}  // namespace mtask::test
