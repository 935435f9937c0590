#include "workers/robust_mutex.hpp"

#include <sched.h>

#include <cerrno>
#include <ctime>
#include <system_error>

namespace mtask::workers {
namespace {

// Waits for the mutex, but not for longer than one lost wake-up is worth. A wake-up goes to a single waiter; if that
// one is killed before it has the lock, while another process took it in passing, nobody wakes the rest (glibc's robust
// mutexes and the kernel's clean-up after a death leave this gap). So every waiter looks for itself now and then.
int lock_patiently(pthread_mutex_t& mutex) {
  const int error = ::pthread_mutex_trylock(&mutex);
  if (error != EBUSY) return error;
#ifdef __SANITIZE_THREAD__
  ::sched_yield();  // GCC 12's thread sanitizer doesn't know of pthread_mutex_clocklock
  return ETIMEDOUT;
#else
  constexpr long kPatience = 50'000'000;  // nanoseconds
  timespec limit{};
  ::clock_gettime(CLOCK_MONOTONIC, &limit);
  limit.tv_nsec += kPatience;
  if (limit.tv_nsec >= 1'000'000'000) {
    ++limit.tv_sec;
    limit.tv_nsec -= 1'000'000'000;
  }
  return ::pthread_mutex_clocklock(&mutex, CLOCK_MONOTONIC, &limit);
#endif
}

}  // namespace

void RobustMutex::init() {
  pthread_mutexattr_t attributes;
  int error = ::pthread_mutexattr_init(&attributes);
  if (error == 0) error = ::pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  if (error == 0) error = ::pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  if (error == 0) error = ::pthread_mutex_init(&mutex_, &attributes);
  if (error != 0) throw std::system_error(error, std::generic_category(), "shared mutex");
  ::pthread_mutexattr_destroy(&attributes);
}

bool RobustMutex::lock() {
  int error = 0;
  do error = lock_patiently(mutex_);
  while (error == ETIMEDOUT);
  if (error == EOWNERDEAD) {
    ::pthread_mutex_consistent(&mutex_);
    return false;
  }
  if (error != 0) throw std::system_error(error, std::generic_category(), "lock of a shared mutex");
  return true;
}

RobustMutex::Attempt RobustMutex::try_lock() {
  const int error = ::pthread_mutex_trylock(&mutex_);
  if (error == EBUSY) return Attempt::kBusy;
  if (error == EOWNERDEAD) {
    ::pthread_mutex_consistent(&mutex_);
    return Attempt::kOwnerDied;
  }
  if (error != 0) throw std::system_error(error, std::generic_category(), "look at a shared mutex");
  return Attempt::kTaken;
}

void RobustMutex::unlock() noexcept { ::pthread_mutex_unlock(&mutex_); }

}  // namespace mtask::workers
