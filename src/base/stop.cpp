#include "mtask/stop.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <system_error>

namespace mtask {

// A lock taken in a signal handler could be one the interrupted code holds.
static_assert(std::atomic<int>::is_always_lock_free);

StopSource::StopSource() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

StopSource::~StopSource() { ::close(fd_); }

void StopSource::request(int reason) noexcept {
  int none = -1;
  if (!reason_.compare_exchange_strong(none, std::max(reason, 0))) return;
  const int saved = errno;
  const std::uint64_t one = 1;
  // Cannot fail: the counter of an eventfd that is written once has room, and nobody reads it.
  while (::write(fd_, &one, sizeof one) < 0 && errno == EINTR) {
  }
  if (const auto function = function_.load()) function();
  errno = saved;
}

}  // namespace mtask
