#pragma once
// A mutex in shared memory that survives the death of its holder (pthread robust mutex, process-shared).

#include <pthread.h>

namespace mtask::workers {

// Lives in memory that all its users map at the time of fork; call init() once before the first fork.
class RobustMutex {
 public:
  void init();  // throws std::system_error

  // Returns false when the previous holder died inside: what the mutex guards may be half changed, and the caller,
  // who holds the mutex now, must put it right before unlocking.
  [[nodiscard]] bool lock();
  void unlock() noexcept;

  enum class Attempt : unsigned char { kBusy, kTaken, kOwnerDied };
  // kOwnerDied: taken, and the previous holder died inside.
  [[nodiscard]] Attempt try_lock();

 private:
  pthread_mutex_t mutex_;
};

}  // namespace mtask::workers
