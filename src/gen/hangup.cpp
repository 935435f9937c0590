#include "gen/hangup.hpp"

#include <sys/epoll.h>

#include "base/unique_fd.hpp"
#include "mtask/io.hpp"

namespace mtask::gen {

// The loop watches for reading and writing only, so this watches in a set of its own, which gets readable.
task<bool> hangup(int fd) {
  const UniqueFd set(::epoll_create1(EPOLL_CLOEXEC));
  epoll_event event{};
  if (!set || ::epoll_ctl(set.get(), EPOLL_CTL_ADD, fd, &event) != 0) co_return false;
  co_await readable(set.get());
  co_return true;
}

}  // namespace mtask::gen
