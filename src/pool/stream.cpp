#include "pool/stream.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "os/fd_io.hpp"
#include "os/syscall.hpp"

namespace mtask::pool {
namespace {

constexpr std::size_t kAtOnce = 1U << 20;
constexpr std::size_t kBuffer = 256U << 10;
constexpr int kMovesAStep = 16;
constexpr int kWidePipe = 1 << 20;

mode_t type_of(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 ? status.st_mode & S_IFMT : 0;
}

}  // namespace

Stream::Stream(UniqueFd saved, int pipe, int out)
    : saved_(std::move(saved)),
      pipe_(pipe),
      out_(out),
      splices_(type_of(out) == S_IFIFO),
      waits_(type_of(out) != S_IFREG) {
  // Fewer turns for all three; where that isn't allowed it stays as it is.
  if (splices_) ::fcntl(out, F_SETPIPE_SZ, kWidePipe);
}

pollfd Stream::wants() const noexcept {
  if (no_room_) return {out_, POLLOUT, 0};
  return {pipe_, POLLIN, 0};
}

bool Stream::writable() const noexcept { return !waits_ || os::ready(out_, POLLOUT); }

void Stream::step() {
  drained_ = no_room_ = false;
  for (int i = 0; i < kMovesAStep; ++i) {
    switch (move()) {
      case Move::kMoved:
        continue;
      case Move::kEnd:
        saved_.reset();
        continue;
      case Move::kNoRoom:
        no_room_ = true;
        return;
      case Move::kNoInput:
        drained_ = true;
        return;
    }
  }
  // More may be there, and neither end was found wanting: out is what the next step needs first.
  no_room_ = true;
}

Stream::Move Stream::move() {
  if (error_ != 0) return drop();
  return splices_ && pending_.empty() ? splice_on() : copy_on();
}

Stream::Move Stream::splice_on() {
  const int from = saved_ ? saved_.get() : pipe_;
  const ssize_t count =
      os::retry([&] { return ::splice(from, nullptr, out_, nullptr, kAtOnce, SPLICE_F_NONBLOCK | SPLICE_F_MOVE); });
  if (count > 0) {
    if (!saved_) bytes_ += static_cast<std::uint64_t>(count);
    return Move::kMoved;
  }
  if (count == 0) return saved_ ? Move::kEnd : Move::kNoInput;
  if (errno == EINVAL) {
    splices_ = false;
    return copy_on();
  }
  if (errno != EAGAIN) {
    error_ = errno;
    return drop();
  }
  int waiting = 0;
  if (!saved_ && ::ioctl(pipe_, FIONREAD, &waiting) == 0 && waiting == 0) return Move::kNoInput;
  return Move::kNoRoom;
}

Stream::Move Stream::copy_on() {
  if (written_ == pending_.size()) {
    pending_.resize(kBuffer);
    written_ = 0;
    const int from = saved_ ? saved_.get() : pipe_;
    const ssize_t count = os::retry([&] { return ::read(from, pending_.data(), pending_.size()); });
    pending_.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    if (count == 0) return saved_ ? Move::kEnd : Move::kNoInput;
    if (count == -1) return saved_ ? Move::kEnd : Move::kNoInput;
    if (!saved_) bytes_ += static_cast<std::uint64_t>(count);
  }
  if (!writable()) return Move::kNoRoom;
  const std::size_t size = std::min<std::size_t>(pending_.size() - written_, waits_ ? PIPE_BUF : kBuffer);
  const ssize_t count = os::retry([&] { return ::write(out_, pending_.data() + written_, size); });
  if (count == -1 && errno == EAGAIN) return Move::kNoRoom;
  if (count == -1) {
    error_ = errno;
    return drop();
  }
  written_ += static_cast<std::size_t>(count);
  if (written_ == pending_.size()) {
    pending_.clear();
    written_ = 0;
  }
  return Move::kMoved;
}

Stream::Move Stream::drop() {
  pending_.resize(kBuffer);
  const ssize_t count = os::retry([&] { return ::read(pipe_, pending_.data(), pending_.size()); });
  pending_.clear();
  written_ = 0;
  if (count <= 0) return Move::kNoInput;
  bytes_ += static_cast<std::uint64_t>(count);
  return Move::kMoved;
}

}  // namespace mtask::pool
