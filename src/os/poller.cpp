#include "os/poller.hpp"

#include <sys/epoll.h>

#include <array>
#include <ctime>

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

Result<bool> Poller::arm(int fd, std::uint64_t key, bool reading, bool writing, bool registered) {
  epoll_event event{};
  event.events = EPOLLONESHOT | (reading ? EPOLLIN | EPOLLRDHUP : 0U) | (writing ? EPOLLOUT : 0U);
  event.data.u64 = key;
  if (registered && ::epoll_ctl(fd_.get(), EPOLL_CTL_MOD, fd, &event) == 0) return false;
  if (!registered || errno == ENOENT) {
    if (::epoll_ctl(fd_.get(), EPOLL_CTL_ADD, fd, &event) == 0) return true;
    if (errno == EEXIST && ::epoll_ctl(fd_.get(), EPOLL_CTL_MOD, fd, &event) == 0) return false;
  }
  return Unexpected(system_error(ErrorKind::kUnavailable, errno, "cannot watch a file descriptor"));
}

Result<std::span<const Poller::Ready>> Poller::wait_ready(std::chrono::nanoseconds timeout) {
  std::array<epoll_event, 256> events;
  constexpr long kSecond = 1'000'000'000;
  const timespec time{timeout.count() / kSecond, timeout.count() % kSecond};
  const int count = ::epoll_pwait2(fd_.get(), events.data(), static_cast<int>(events.size()),
                                   timeout.count() < 0 ? nullptr : &time, nullptr);
  armed_.clear();
  if (count == -1 && errno != EINTR) {
    return Unexpected(system_error(ErrorKind::kUnavailable, errno, "cannot wait for events"));
  }
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    const bool broken = (event.events & (EPOLLERR | EPOLLHUP)) != 0;
    armed_.push_back({event.data.u64, broken || (event.events & (EPOLLIN | EPOLLRDHUP)) != 0,
                      broken || (event.events & EPOLLOUT) != 0});
  }
  return std::span<const Ready>(armed_);
}

}  // namespace mtask::os
