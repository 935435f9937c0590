#include "workers/holders.hpp"

namespace mtask::workers {

using Attempt = RobustMutex::Attempt;

std::optional<std::uint32_t> Holders::join(const Bury& bury) {
  const std::uint32_t used = shared_->used.load(std::memory_order_relaxed);
  for (std::uint32_t number = 0; number < used; ++number) {
    const Attempt attempt = shared_->alive[number].try_lock();
    if (attempt == Attempt::kOwnerDied) bury(number);
    if (attempt != Attempt::kBusy) return number;
  }
  if (used == kMost) return std::nullopt;
  shared_->alive[used].init();
  shared_->used.store(used + 1, std::memory_order_release);
  static_cast<void>(shared_->alive[used].try_lock());
  return used;
}

void Holders::bury_dead(std::optional<std::uint32_t> self, const Bury& bury) {
  const std::uint32_t used = shared_->used.load(std::memory_order_relaxed);
  for (std::uint32_t number = 0; number < used; ++number) {
    if (number == self) continue;
    const Attempt attempt = shared_->alive[number].try_lock();
    if (attempt == Attempt::kBusy) continue;
    if (attempt == Attempt::kOwnerDied) bury(number);
    shared_->alive[number].unlock();
  }
}

}  // namespace mtask::workers
