#include "os/child.hpp"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "os/syscall.hpp"

#ifdef MTASK_COVERAGE_BUILD
extern "C" void __gcov_dump();
#endif

namespace mtask::os {
namespace {

[[noreturn]] void run_child(pid_t parent, const std::function<int()>& body) noexcept {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(128 + SIGKILL);  // it died before the line above
  // Without SIGXFSZ a write beyond the limit on file sizes is an error like others (EFBIG).
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGXFSZ}) ::signal(signal, SIG_IGN);
  const int status = body();
#ifdef MTASK_COVERAGE_BUILD
  __gcov_dump();
#endif
  ::_exit(status);
}

}  // namespace

Result<Child> Child::fork(const std::function<int()>& body) {
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == -1) return Unexpected(system_error(ErrorKind::kUnavailable, errno, "cannot start a worker process"));
  if (pid == 0) run_child(parent, body);
  UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  Child child(pid, std::move(pidfd));
  if (child.pidfd() == -1) {
    return Unexpected(system_error(ErrorKind::kUnavailable, errno, "cannot watch a worker process"));
  }
  return child;
}

Child::Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)), pidfd_(std::move(other.pidfd_)) {}

Child& Child::operator=(Child&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(pidfd_, other.pidfd_);
  return *this;
}

Child::~Child() {
  if (pid_ == -1) return;
  kill(SIGKILL);
  static_cast<void>(reap());
}

void Child::kill(int signal) const noexcept {
  if (pid_ != -1) ::kill(pid_, signal);
}

int Child::reap() noexcept {
  int status = 0;
  if (pid_ != -1) retry([&] { return ::waitpid(pid_, &status, 0); });
  pid_ = -1;
  return status;
}

}  // namespace mtask::os
