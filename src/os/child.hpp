#pragma once
// One forked child process: started, watched through a pidfd, killed, reaped.

#include <sys/types.h>

#include <functional>

#include "base/unique_fd.hpp"
#include "mtask/result.hpp"

namespace mtask::os {

// Owns the child: destroying a running one kills and reaps it. Not thread-safe.
class Child {
 public:
  // Forks; the child runs `body` and ends with _exit() of its result. The child dies with its parent (SIGKILL when
  // the parent's thread that forked ends), ignores SIGINT, SIGTERM and SIGHUP (its parent decides when it stops) and
  // keeps all of the parent's fds. An exception that leaves `body` ends the child by std::terminate.
  // Call it in a process with one thread.
  [[nodiscard]] static Result<Child> fork(const std::function<int()>& body);

  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;
  ~Child();

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  // Readable once the child has ended.
  [[nodiscard]] int pidfd() const noexcept { return pidfd_.get(); }

  void kill(int signal) const noexcept;
  // For a process that was forked with a copy of this object, and must not end the child with it.
  void forget() noexcept { pid_ = -1; }

  // Waits for the end and reaps; returns the status as of waitpid(2).
  [[nodiscard]] int reap() noexcept;

 private:
  Child(pid_t pid, UniqueFd pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}
  pid_t pid_ = -1;  // -1: reaped or moved from
  UniqueFd pidfd_;
};

}  // namespace mtask::os
