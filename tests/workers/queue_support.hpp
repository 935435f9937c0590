#pragma once
// What the tests of SharedQueue share.

#include <sched.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include "os/shared_region.hpp"
#include "workers/shared_queue.hpp"

namespace mtask::test {

// A queue in shared memory of its own.
template <class Queue>
class Memory {
 public:
  explicit Memory(std::uint32_t capacity)
      : region_(os::SharedRegion::map(Queue::room(capacity) + 4096).value()), queue_(region_, capacity) {}
  [[nodiscard]] Queue& queue() { return queue_; }

 private:
  os::SharedRegion region_;
  Queue queue_;
};

// Locks, and mends what a killed process left half done.
template <class Queue>
class MendingGuard : public Queue::Guard {
 public:
  explicit MendingGuard(Queue& queue) : Queue::Guard(queue) {
    if (!this->intact()) queue.rebuild(*this);
  }
};

// Takes one item of lane 0, sleeping for it as long as it takes. Returns the number taken: 0 when all is done.
template <class Queue>
int wait_and_take(Queue& queue, std::uint32_t worker) {
  bool slept = false;
  for (;;) {
    std::uint32_t ticket = 0;
    {
      MendingGuard<Queue> guard(queue);
      if (std::exchange(slept, false)) queue.woke(guard);
      if (const auto slot = queue.lease(guard, worker)) {
        queue.release(guard, *slot);
        return 1;
      }
      if (queue.live(guard) == 0) return 0;
      ticket = queue.about_to_wait(guard);
      slept = true;
    }
    queue.wait(ticket, std::chrono::hours(1));
  }
}

// Waits until `count` processes sleep; false after two minutes.
template <class Queue>
bool sleepers_reach(Queue& queue, std::uint32_t count) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (std::chrono::steady_clock::now() < deadline) {
    {
      MendingGuard<Queue> guard(queue);
      if (queue.sleepers(guard) >= count) return true;
    }
    ::sched_yield();
  }
  return false;
}

}  // namespace mtask::test
