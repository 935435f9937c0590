#include "cli/output.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace mtask::cli {
namespace {

constexpr std::size_t kBufferSize = 64UL * 1024;

// A descriptor may be non-blocking because another process that shares it made it so.
void wait_writable(int fd) {
  pollfd entry{fd, POLLOUT, 0};
  (void)::poll(&entry, 1, -1);
}

}  // namespace

void Output::write(std::string_view text) {
  if (trouble_ != 0) return;
  buffer_.append(text);
  if (buffer_.size() >= kBufferSize) flush();
}

void Output::flush() {
  std::string_view rest = buffer_;
  while (!rest.empty() && trouble_ == 0) {
    const ssize_t count = ::write(fd_, rest.data(), rest.size());
    if (count > 0) {
      rest.remove_prefix(static_cast<std::size_t>(count));
    } else if (count == 0) {
      trouble_ = EIO;
    } else if (errno == EAGAIN) {
      wait_writable(fd_);
    } else if (errno != EINTR) {
      trouble_ = errno;
    }
  }
  buffer_.clear();
}

bool Output::reader_left() const { return trouble_ == EPIPE; }

void Output::set_reader_left() {
  if (trouble_ == 0) trouble_ = EPIPE;
}

Result<void> Output::finish() {
  flush();
  if (trouble_ == 0 || trouble_ == EPIPE) return {};
  return Unexpected(system_error(ErrorKind::kUnavailable, trouble_, "cannot write to standard output"));
}

}  // namespace mtask::cli
