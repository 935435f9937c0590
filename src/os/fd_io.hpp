#pragma once
// Reading and writing whole buffers through an fd: short results and EINTR are handled here, once.
// All return -1 with errno on failure, as the system calls do, so that callers on a hot path pay for no Error.

#include <sys/types.h>

#include <cstddef>

namespace mtask::os {

// Reads until `size` bytes or the end of the file; returns what was read.
[[nodiscard]] ssize_t read_full(int fd, void* buffer, std::size_t size) noexcept;
[[nodiscard]] ssize_t pread_full(int fd, void* buffer, std::size_t size, off_t offset) noexcept;

// Writes all of it, or fails. A write of zero bytes that claims success fails with EIO.
[[nodiscard]] int write_full(int fd, const void* buffer, std::size_t size) noexcept;
[[nodiscard]] int pwrite_full(int fd, const void* buffer, std::size_t size, off_t offset) noexcept;

// Whether `fd` is ready for one of `events` (POLLIN, POLLOUT) just now, or has failed or hung up, which the next read
// or write tells; does not wait. With 0 for `events` only the latter.
[[nodiscard]] bool ready(int fd, short events) noexcept;

}  // namespace mtask::os
