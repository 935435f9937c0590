#include "os/poller.hpp"

#include <sys/epoll.h>

#include <array>

namespace mtask::os {

Result<Poller> Poller::create() {
  UniqueFd fd(::epoll_create1(EPOLL_CLOEXEC));
  if (!fd) return Unexpected(system_error(ErrorKind::kUnavailable, errno, "cannot create an epoll instance"));
  return Poller(std::move(fd));
}

Result<void> Poller::watch(int fd, std::uint64_t key, For what) {
  epoll_event event{};
  event.events = what == For::kReading ? EPOLLIN : what == For::kWriting ? EPOLLOUT : 0U;
  event.data.u64 = key;
  if (::epoll_ctl(fd_.get(), EPOLL_CTL_ADD, fd, &event) == -1) {
    return Unexpected(system_error(ErrorKind::kUnavailable, errno, "cannot watch a file descriptor"));
  }
  return {};
}

void Poller::unwatch(int fd) noexcept { ::epoll_ctl(fd_.get(), EPOLL_CTL_DEL, fd, nullptr); }

Result<std::span<const std::uint64_t>> Poller::wait(std::chrono::milliseconds timeout) {
  std::array<epoll_event, 64> events;
  const int count = ::epoll_wait(fd_.get(), events.data(), static_cast<int>(events.size()),
                                 timeout.count() < 0 ? -1 : static_cast<int>(timeout.count()));
  ready_.clear();
  if (count == -1 && errno != EINTR) {
    return Unexpected(system_error(ErrorKind::kUnavailable, errno, "cannot wait for events"));
  }
  for (int i = 0; i < count; ++i) ready_.push_back(events[static_cast<std::size_t>(i)].data.u64);
  return std::span<const std::uint64_t>(ready_);
}

}  // namespace mtask::os
