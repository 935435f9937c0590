#pragma once
// A group of forked worker processes and their deaths.
//
// Not thread-safe; belongs to a supervisor process with one thread.

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "mtask/result.hpp"
#include "os/child.hpp"
#include "os/poller.hpp"

namespace mtask::workers {

class WorkerGroup {
 public:
  // Runs in the child, given the worker's number; its result becomes the exit status.
  using Body = std::function<int(std::uint32_t worker)>;

  struct Exit {
    std::uint32_t worker;
    int status;  // as of waitpid(2)
    [[nodiscard]] bool clean() const noexcept { return status == 0; }
  };

  [[nodiscard]] static Result<WorkerGroup> create(Body body);

  // Also watches `fd`: wait() returns when it is readable (or writable). The fd stays the caller's.
  [[nodiscard]] Result<void> watch(int fd, os::Poller::For what = os::Poller::For::kReading);
  void unwatch(int fd) noexcept { poller_.unwatch(fd); }

  // Starts worker number `worker` (again, after its exit).
  [[nodiscard]] Result<void> start(std::uint32_t worker);

  // Waits for an exit, a watched fd or the time-out (negative: none); returns the workers that have ended, reaped.
  [[nodiscard]] Result<std::vector<Exit>> wait(std::chrono::milliseconds timeout);

  [[nodiscard]] std::uint32_t running() const noexcept { return running_; }
  [[nodiscard]] pid_t pid(std::uint32_t worker) const noexcept;
  void kill_all(int signal) const noexcept;
  // For a process that was forked with a copy of this object: the workers are not its children.
  void forget_all() noexcept;

 private:
  WorkerGroup(Body body, os::Poller poller) : body_(std::move(body)), poller_(std::move(poller)) {}
  Body body_;
  os::Poller poller_;
  std::vector<std::optional<os::Child>> children_;  // by worker number
  std::uint32_t running_ = 0;
};

}  // namespace mtask::workers
