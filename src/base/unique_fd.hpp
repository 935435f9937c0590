#pragma once
// UniqueFd: owns one file descriptor and closes it. Move-only; not thread-safe; -1 means none.

#include <unistd.h>

#include <cerrno>
#include <utility>

#include "mtask/result.hpp"

namespace mtask {

class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) noexcept : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) reset(other.release());
    return *this;
  }
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  ~UniqueFd() { reset(); }

  [[nodiscard]] int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

  // Closes what it held; errors of close(2) are dropped and errno stays, so it may stand between a call and the look
  // at its errno. Where a lost write would matter, call close().
  void reset(int fd = -1) noexcept {
    const int old = std::exchange(fd_, fd);
    if (old < 0) return;
    const int saved = errno;
    ::close(old);
    errno = saved;
  }

  // Closes now and says whether that succeeded. The descriptor is gone either way (Linux never keeps it, not even on
  // EINTR, which therefore counts as success). Closing none succeeds.
  [[nodiscard]] Result<void> close() {
    const int old = release();
    if (old < 0 || ::close(old) == 0 || errno == EINTR) return {};
    return Unexpected(system_error(ErrorKind::kItem, errno, "cannot close a file"));
  }

 private:
  int fd_ = -1;
};

}  // namespace mtask
