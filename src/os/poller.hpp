#pragma once
// epoll(7), level-triggered: which of the watched file descriptors is ready.
//
// Not thread-safe. The watched fds belong to the caller, who unwatches one before closing it.

#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

#include "base/unique_fd.hpp"
#include "mtask/result.hpp"

namespace mtask::os {

class Poller {
 public:
  [[nodiscard]] static Result<Poller> create();

  enum class For : std::uint8_t {
    kReading,
    kWriting,
    kHangup,  // only that the other end is gone
  };

  // `key` comes back from wait(). Fails with EPERM for what is always ready (a regular file).
  [[nodiscard]] Result<void> watch(int fd, std::uint64_t key, For what = For::kReading);
  void unwatch(int fd) noexcept;

  // Keys of the fds that are ready; empty after `timeout` (negative: none) or when a signal came. Valid until the
  // next call.
  [[nodiscard]] Result<std::span<const std::uint64_t>> wait(std::chrono::milliseconds timeout);

  struct Ready {
    std::uint64_t key;
    bool reading;  // a read or a write would not block; an error or hangup, which it would tell, is both
    bool writing;
  };
  // Watches until the fd is reported once; it stays registered without being watched, to be armed again at less cost.
  // `key` holds for reports from now on. True when this registered it: for the first time, or since it was closed.
  [[nodiscard]] Result<bool> arm(int fd, std::uint64_t key, bool reading, bool writing, bool registered);
  // As wait(), to the precision of the clock, and telling what each is ready for.
  [[nodiscard]] Result<std::span<const Ready>> wait_ready(std::chrono::nanoseconds timeout);

 private:
  explicit Poller(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
  std::vector<std::uint64_t> ready_;
  std::vector<Ready> armed_;
};

}  // namespace mtask::os
