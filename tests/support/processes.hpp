#pragma once
// Looking at and ending whole families of processes, by pidfd so that a reused number is never hit.

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <vector>

namespace mtask::test {

// A pidfd, close-on-exec, owned by the caller; -1 with errno set when there is no such process.
[[nodiscard]] int open_process(pid_t pid);

// Children, their children and so on, in no order. A snapshot: it may be old when it is returned.
[[nodiscard]] std::vector<pid_t> descendants(pid_t pid);

// SIGKILL to `root` and every descendant, forking ones too; returns when none of them runs any more.
// `root` must be a child of the caller, which still has to reap it.
void kill_tree(pid_t root);

// True when all of `pids` have ended (or never were) within `time`.
[[nodiscard]] bool all_ended_within(const std::vector<pid_t>& pids, std::chrono::milliseconds time);

// A fork of the test that calls `step` again and again until it is stopped: the other process that changes a tree
// while it is copied. `step` runs in the child alone, must not throw, and gets the count of steps before it.
class Disturber {
 public:
  explicit Disturber(const std::function<void(unsigned)>& step);
  ~Disturber() { stop(); }
  Disturber(const Disturber&) = delete;
  Disturber& operator=(const Disturber&) = delete;
  void stop();

 private:
  pid_t pid_ = -1;
};

// Calls `work` in a forked child that has become user and group `id`, without other groups or rights. Throws
// std::runtime_error with the child's reason when `work` throws. Needs root.
void as_user(unsigned id, const std::function<void()>& work);

}  // namespace mtask::test
