#include "pool/family.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

#include "base/unique_fd.hpp"
#include "os/fd_io.hpp"

namespace mtask::pool {
namespace {

std::optional<std::string> read_whole(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return std::nullopt;
  std::string text;
  char buffer[4096];
  for (;;) {
    const ssize_t count = os::read_full(fd.get(), buffer, sizeof(buffer));
    if (count <= 0) return text;
    text.append(buffer, static_cast<std::size_t>(count));
  }
}

// Numbers that name entries of a directory of /proc.
std::vector<pid_t> numbers_in(const std::string& path) {
  std::vector<pid_t> numbers;
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), [](DIR* d) { return ::closedir(d); });
  if (!directory) return numbers;
  while (const dirent* entry = ::readdir(directory.get())) {
    const long number = std::strtol(entry->d_name, nullptr, 10);
    if (number > 0) numbers.push_back(static_cast<pid_t>(number));
  }
  return numbers;
}

// For kernels without the list of children. Field 4 of stat, behind the name, which may hold anything.
std::vector<pid_t> children_by_search(pid_t parent) {
  std::vector<pid_t> children;
  for (const pid_t pid : numbers_in("/proc")) {
    const auto stat = read_whole("/proc/" + std::to_string(pid) + "/stat");
    const std::size_t end = stat ? stat->rfind(')') : std::string::npos;
    if (end == std::string::npos || end + 4 > stat->size()) continue;
    if (std::strtol(stat->c_str() + end + 4, nullptr, 10) == parent) children.push_back(pid);
  }
  return children;
}

}  // namespace

std::vector<pid_t> children_of(pid_t pid) {
  static const bool listed = ::access("/proc/thread-self/children", R_OK) == 0;
  if (!listed) return children_by_search(pid);
  std::vector<pid_t> children;
  const std::string tasks = "/proc/" + std::to_string(pid) + "/task";
  for (const pid_t thread : numbers_in(tasks)) {
    const auto text = read_whole(tasks + "/" + std::to_string(thread) + "/children");
    if (!text) continue;
    const char* at = text->c_str();
    char* end = nullptr;
    for (long child = std::strtol(at, &end, 10); end != at; child = std::strtol(at, &end, 10)) {
      children.push_back(static_cast<pid_t>(child));
      at = end;
    }
  }
  return children;
}

std::vector<pid_t> descendants_of(pid_t pid) {
  std::vector<pid_t> found = children_of(pid);
  for (std::size_t i = 0; i < found.size(); ++i) {
    for (const pid_t child : children_of(found[i])) found.push_back(child);
  }
  return found;
}

void signal_family(pid_t root, pid_t group, int signal) {
  std::vector<pid_t> family = descendants_of(root);
  const auto others =
      std::partition(family.begin(), family.end(), [&](pid_t pid) { return group > 0 && ::getpgid(pid) == group; });
  if (others != family.begin()) ::kill(-group, signal);
  // A number would be another's only if all numbers had gone round since the look.
  std::for_each(others, family.end(), [&](pid_t pid) { ::kill(pid, signal); });
}

}  // namespace mtask::pool
