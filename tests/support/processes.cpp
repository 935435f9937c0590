#include "support/processes.hpp"

#include <grp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <exception>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <system_error>

namespace mtask::test {
namespace {

// Field 4 of /proc/PID/stat, behind the name, which may itself hold spaces and brackets; 0 when the process is gone.
pid_t parent_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(file, line);
  const std::size_t end = line.rfind(')');
  if (end == std::string::npos || end + 4 >= line.size()) return 0;
  return static_cast<pid_t>(std::stol(line.substr(end + 4)));
}

bool ended(int pidfd, int milliseconds) {
  pollfd watch{pidfd, POLLIN, 0};
  int n = 0;
  do {
    n = ::poll(&watch, 1, milliseconds);
  } while (n < 0 && errno == EINTR);
  return n > 0;
}

void send(int pidfd, int signal) { (void)::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0); }

}  // namespace

int open_process(pid_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }

std::vector<pid_t> descendants(pid_t pid) {
  std::multimap<pid_t, pid_t> children;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const auto child = static_cast<pid_t>(std::stol(name));
    children.emplace(parent_of(child), child);
  }
  std::vector<pid_t> found;
  std::vector<pid_t> todo{pid};
  while (!todo.empty()) {
    const pid_t next = todo.back();
    todo.pop_back();
    const auto [begin, end] = children.equal_range(next);
    for (auto it = begin; it != end; ++it) {
      found.push_back(it->second);
      todo.push_back(it->second);
    }
  }
  return found;
}

void kill_tree(pid_t root) {
  // Stopped processes fork no more, so the family stops growing once a look finds nobody new.
  std::map<pid_t, int> family;
  family[root] = open_process(root);
  send(family[root], SIGSTOP);
  for (bool grown = true; grown;) {
    grown = false;
    for (const pid_t pid : descendants(root)) {
      if (family.count(pid) != 0) continue;
      const int fd = open_process(pid);
      if (fd < 0) continue;
      send(fd, SIGSTOP);
      family[pid] = fd;
      grown = true;
    }
  }
  for (const auto& [pid, fd] : family) send(fd, SIGKILL);
  for (const auto& [pid, fd] : family) {
    if (fd < 0) continue;
    (void)ended(fd, 60'000);
    ::close(fd);
  }
}

bool all_ended_within(const std::vector<pid_t>& pids, std::chrono::milliseconds time) {
  const auto deadline = std::chrono::steady_clock::now() + time;
  bool all = true;
  for (const pid_t pid : pids) {
    const int fd = open_process(pid);
    if (fd < 0) continue;
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    all = ended(fd, static_cast<int>(left > 0 ? left : 0)) && all;
    ::close(fd);
  }
  return all;
}

Disturber::Disturber(const std::function<void(unsigned)>& step) {
  pid_ = ::fork();
  if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid_ > 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (unsigned i = 0;; ++i) step(i);
}

void Disturber::stop() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

void as_user(unsigned id, const std::function<void()>& work) {
  int pipe_ends[2];
  if (::pipe(pipe_ends) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  const pid_t pid = ::fork();
  if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid == 0) {
    std::string reason;
    try {
      if (::setgroups(0, nullptr) != 0 || ::setresgid(id, id, id) != 0 || ::setresuid(id, id, id) != 0) {
        throw std::system_error(errno, std::generic_category(), "cannot become another user");
      }
      work();
    } catch (const std::exception& error) {
      reason = error.what();
    }
    (void)!::write(pipe_ends[1], reason.data(), reason.size());
    ::_exit(0);
  }
  ::close(pipe_ends[1]);
  std::string reason;
  char buffer[1024];
  for (ssize_t n = 0; (n = ::read(pipe_ends[0], buffer, sizeof buffer)) > 0;) {
    reason.append(buffer, static_cast<std::size_t>(n));
  }
  ::close(pipe_ends[0]);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!reason.empty()) throw std::runtime_error("as user " + std::to_string(id) + ": " + reason);
  if (status != 0) throw std::runtime_error("as user " + std::to_string(id) + ": died");
}

}  // namespace mtask::test
