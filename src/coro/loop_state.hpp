#pragma once
// What an event loop consists of; for the files of this folder.

#include <csignal>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "base/unique_fd.hpp"
#include "coro/fd_table.hpp"
#include "coro/timer_queue.hpp"
#include "coro/wake_pace.hpp"
#include "mtask/event_loop.hpp"
#include "mtask/scope.hpp"
#include "mtask/sync.hpp"
#include "os/poller.hpp"

namespace mtask::detail {

struct loop_state : scheduler {
  explicit loop_state(os::Poller created) : poller(std::move(created)), fds(poller) {}

  os::Poller poller;
  UniqueFd bell;  // eventfd: something was posted
  timer_queue timers;
  wake_pace pace;
  fd_table fds;
  scope* root = nullptr;
  std::size_t outside = 0;  // what may yet come from other threads
  std::int64_t last_poll = 0;
  std::int64_t burst_began = 0;
  int burst = 1;
  std::size_t ready_before = 0;  // how many tasks were ready when some were woken last
  std::uint64_t run = 0;         // which one this is
  event_loop::blocked_hook hook;
  sigset_t blocked{};  // signals that this loop has blocked
  semaphore helper_threads{8, "helper threads"};

  std::mutex posts_mutex;
  std::vector<std::function<void()>> posts;  // under posts_mutex
};

// Of the loop that runs on this thread.
[[nodiscard]] inline loop_state& this_loop() noexcept { return static_cast<loop_state&>(*this_scheduler); }

// Nanoseconds of the steady clock.
[[nodiscard]] std::int64_t now() noexcept;

}  // namespace mtask::detail
