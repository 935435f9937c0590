#include "os/fd_io.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

#include "os/syscall.hpp"

namespace mtask::os {
namespace {

template <class Read>
ssize_t fill(void* buffer, std::size_t size, Read read) noexcept {
  auto* bytes = static_cast<std::byte*>(buffer);
  std::size_t done = 0;
  while (done < size) {
    const ssize_t count = retry([&] { return read(bytes + done, size - done, done); });
    if (count == -1) return -1;
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  return static_cast<ssize_t>(done);
}

template <class Write>
int drain(const void* buffer, std::size_t size, Write write) noexcept {
  const auto* bytes = static_cast<const std::byte*>(buffer);
  std::size_t done = 0;
  while (done < size) {
    const ssize_t count = retry([&] { return write(bytes + done, size - done, done); });
    if (count == -1) return -1;
    if (count == 0) {
      errno = EIO;
      return -1;
    }
    done += static_cast<std::size_t>(count);
  }
  return 0;
}

}  // namespace

ssize_t read_full(int fd, void* buffer, std::size_t size) noexcept {
  return fill(buffer, size, [fd](void* at, std::size_t rest, std::size_t) { return ::read(fd, at, rest); });
}

ssize_t pread_full(int fd, void* buffer, std::size_t size, off_t offset) noexcept {
  return fill(buffer, size, [fd, offset](void* at, std::size_t rest, std::size_t done) {
    return ::pread(fd, at, rest, offset + static_cast<off_t>(done));
  });
}

int write_full(int fd, const void* buffer, std::size_t size) noexcept {
  return drain(buffer, size, [fd](const void* at, std::size_t rest, std::size_t) { return ::write(fd, at, rest); });
}

int pwrite_full(int fd, const void* buffer, std::size_t size, off_t offset) noexcept {
  return drain(buffer, size, [fd, offset](const void* at, std::size_t rest, std::size_t done) {
    return ::pwrite(fd, at, rest, offset + static_cast<off_t>(done));
  });
}

bool ready(int fd, short events) noexcept {
  pollfd watched{fd, events, 0};
  return retry([&] { return ::poll(&watched, 1, 0); }) != 0;
}

}  // namespace mtask::os
