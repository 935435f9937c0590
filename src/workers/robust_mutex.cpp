#include "workers/robust_mutex.hpp"

#include <cerrno>
#include <system_error>

namespace mtask::workers {

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
  const int error = ::pthread_mutex_lock(&mutex_);
  if (error == EOWNERDEAD) {
    ::pthread_mutex_consistent(&mutex_);
    return false;
  }
  if (error != 0) throw std::system_error(error, std::generic_category(), "lock of a shared mutex");
  return true;
}

void RobustMutex::unlock() noexcept { ::pthread_mutex_unlock(&mutex_); }

}  // namespace mtask::workers
