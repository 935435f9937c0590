#pragma once
// Which of several processes have died: each holds a lock of its own, and the kernel opens the locks of the dead.
//
// For processes that no supervisor started and that nobody reaps in time. A number is held by the thread that joined,
// until it leaves, ends, or its process does (exec counts as an end). There is no number of a process to be mistaken
// for that of a later one, and a zombie counts as dead.
//
// All calls need a lock that the users share (the queue's); what a process does is undone by none but itself.

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>

#include "os/shared_region.hpp"
#include "workers/robust_mutex.hpp"

namespace mtask::workers {

class Holders {
 public:
  static constexpr std::uint32_t kMost = 1024;  // at the same time

  // Before the fork; the region must outlive this.
  explicit Holders(os::SharedRegion& region) : shared_(region.carve<Shared>(1)) {}
  [[nodiscard]] static constexpr std::size_t room() { return os::SharedRegion::room<Shared>(1); }

  // Called with the number of a holder that died, before the number is used again. Should the process that runs it die
  // inside, another will be called with that number.
  using Bury = std::function<void(std::uint32_t number)>;

  // A number for the calling thread; nothing when there are too many.
  [[nodiscard]] std::optional<std::uint32_t> join(const Bury& bury);
  // By the thread that joined, while its memory is still mapped.
  void leave(std::uint32_t number) noexcept { shared_->alive[number].unlock(); }

  // Buries all who have died since the last time. `self`: the caller's own number, if it has one.
  void bury_dead(std::optional<std::uint32_t> self, const Bury& bury);

 private:
  struct Shared {
    std::atomic<std::uint32_t> used;  // locks that were ever initialized
    RobustMutex alive[kMost];
  };
  Shared* shared_;
};

}  // namespace mtask::workers
