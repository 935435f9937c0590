#pragma once
// Waiting for descriptors, signals and children.
//
// Descriptors stay the caller's, blocking or not. Close one only when no task waits for it: one that does waits until
// it is cancelled, or gets std::system_error (EBADF) when the number is waited for under its new meaning; nothing else
// is disturbed. All throw `cancelled` in a cancelled task, and belong to the loop's thread.

#include <coroutine>
#include <cstddef>
#include <span>
#include <string>

#include "mtask/result.hpp"
#include "mtask/scheduler.hpp"
#include "mtask/scope.hpp"
#include "mtask/task.hpp"

namespace mtask {

struct fd_awaiter final : detail::wait {
  fd_awaiter(int watched, bool to_write) noexcept : fd(watched), writing(to_write) {}
  void await_suspend(std::coroutine_handle<>);
  void await_resume() const;
  bool cancel(detail::promise_base& task) noexcept override;
  [[nodiscard]] std::string what() const override;

  detail::promise_base* task = nullptr;
  int fd;
  bool writing;
  bool closed = false;  // while it was waited for
};

// Wait until a read or a write would not block; also when the other end is gone or the descriptor is none, which the
// read or write then tells. What epoll doesn't watch, regular files, is always ready: others get their turn, then it
// goes on. One task may wait to read and another to write the same descriptor; a second one of a kind gets
// std::logic_error.
[[nodiscard]] inline fd_awaiter readable(int fd) noexcept { return {fd, false}; }
[[nodiscard]] inline fd_awaiter writable(int fd) noexcept { return {fd, true}; }

// Waits and reads once: up to buffer.size() bytes, 0 at the end of the file.
[[nodiscard]] task<Result<std::size_t>> read_some(int fd, std::span<std::byte> buffer);
// Writes all of it, waiting as often as need be. When it is cancelled or fails, a part may be written. Through a
// descriptor that blocks, in pieces of 4 KiB. SIGPIPE is the caller's to ignore.
[[nodiscard]] task<Result<void>> write_all(int fd, std::span<const std::byte> data);

// Waits for a signal to the process, and takes it; returns its number. From the first call on the thread of the loop
// blocks the signal, until the loop is destroyed; one that comes between two calls is kept for the second. Other
// threads of the program should block it, too, and children inherit that: unblock it in them. Of several tasks that
// wait for the same signal one gets it. std::invalid_argument for what is no signal or cannot be blocked.
[[nodiscard]] task<int> signal(int number);

// Waits until the child has ended, reaps it, and returns its status as of waitpid(2). An error when it is no child of
// this process, or was reaped.
[[nodiscard]] task<Result<int>> child_exit(int pid);

// A descriptor of a process (pidfd_open(2)); stays the caller's.
struct pidfd {
  explicit pidfd(int descriptor) noexcept : fd(descriptor) {}
  int fd;
};
[[nodiscard]] task<Result<int>> child_exit(pidfd child);

}  // namespace mtask
