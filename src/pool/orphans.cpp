#include "pool/orphans.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "base/unique_fd.hpp"
#include "os/fd_io.hpp"
#include "os/syscall.hpp"
#include "pool/family.hpp"

namespace mtask::pool {
namespace {

constexpr int kPatience = 1000;  // milliseconds that a killed process may take to end; it is reaped later then

// The value of a variable in the environment a process was started with; empty where that can't be seen.
std::string variable_of(pid_t pid, std::string_view name) {
  const UniqueFd fd(::open(("/proc/" + std::to_string(pid) + "/environ").c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return {};
  std::string text(1, '\0');
  char buffer[4096];
  for (ssize_t count = 0; (count = os::read_full(fd.get(), buffer, sizeof(buffer))) > 0;) {
    text.append(buffer, static_cast<std::size_t>(count));
  }
  const std::string key = std::string(1, '\0') + std::string(name) + "=";
  const std::size_t at = text.find(key);
  if (at == std::string::npos) return {};
  return text.c_str() + at + key.size();
}

// It says itself that it comes from another job of this run.
bool of_another_job(pid_t pid, std::uint64_t seq) {
  const std::string own = variable_of(pid, "MTASK_SEQ");
  return !own.empty() && own != std::to_string(seq) && variable_of(pid, "PARALLEL_PID") == std::to_string(::getpid());
}

void end_process(pid_t pid) {
  signal_family(pid, 0, SIGKILL);
  ::kill(pid, SIGKILL);
  const UniqueFd fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  pollfd watch{fd.get(), POLLIN, 0};
  if (fd) static_cast<void>(os::retry([&] { return ::poll(&watch, 1, kPatience); }));
  os::retry([&] { return ::waitpid(pid, nullptr, WNOHANG | __WALL); });
}

}  // namespace

Orphans::Orphans(IsWorker is_worker) : is_worker_(std::move(is_worker)) {
  for (const pid_t pid : children_of(::getpid())) before_.insert(pid);
  ::prctl(PR_GET_CHILD_SUBREAPER, &was_subreaper_);
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
}

Orphans::~Orphans() {
  reap();
  ::prctl(PR_SET_CHILD_SUBREAPER, was_subreaper_);
}

std::vector<pid_t> Orphans::strangers() const {
  std::vector<pid_t> found;
  for (const pid_t pid : children_of(::getpid())) {
    if (!before_.contains(pid) && !is_worker_(pid)) found.push_back(pid);
  }
  return found;
}

void Orphans::leave(std::string_view pids) {
  any_ = true;
  for (; pids.size() >= sizeof(pid_t); pids.remove_prefix(sizeof(pid_t))) {
    pid_t pid = 0;
    std::memcpy(&pid, pids.data(), sizeof(pid));
    left_.insert(pid);
  }
}

void Orphans::end_job(std::uint64_t seq, pid_t group) {
  any_ = true;
  if (group > 0) ::kill(-group, SIGKILL);
  // Whoever is killed hands his children to us: look again until nobody new has come.
  std::set<pid_t> tried;
  for (bool more = true; more;) {
    more = false;
    for (const pid_t pid : strangers()) {
      if (left_.contains(pid) || !tried.insert(pid).second || of_another_job(pid, seq)) continue;
      end_process(pid);
      more = true;
    }
  }
}

void Orphans::reap() {
  if (!any_) return;
  for (const pid_t pid : strangers()) {
    if (os::retry([&] { return ::waitpid(pid, nullptr, WNOHANG | __WALL); }) == pid) left_.erase(pid);
  }
}

}  // namespace mtask::pool
