#include "pool/writer.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "os/fd_io.hpp"
#include "os/syscall.hpp"

namespace mtask::pool {
namespace {

constexpr std::size_t kChunk = 64U << 10;
constexpr std::size_t kMuch = 1U << 20;  // bytes written before the caller looks around again

bool may_block(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode);
}

// `line_open`: the text before `bytes` did not end a line.
std::string tagged(std::string_view tag, std::string_view bytes, bool& line_open) {
  std::string result;
  while (!bytes.empty()) {
    if (!line_open) result.append(tag).append("\t");
    const std::size_t end = bytes.find('\n');
    line_open = end == std::string_view::npos;
    const std::size_t size = line_open ? bytes.size() : end + 1;
    result.append(bytes.substr(0, size));
    bytes.remove_prefix(size);
  }
  return result;
}

}  // namespace

Writer::Writer(int out_fd, int err_fd, std::function<void()> before)
    : fds_{out_fd, err_fd}, waits_{may_block(out_fd), may_block(err_fd)}, before_(std::move(before)) {}

void Writer::add(std::uint64_t item, std::string_view tag, Output output) {
  bool line_open = false;
  if (!tag.empty() && !output.bytes.empty()) output.bytes = tagged(tag, output.bytes, line_open);
  waiting_ += output.bytes.size();
  if (output.fd != -1) in_files_ += output.size;
  const bool plain = output.path.empty() && output.fd == -1;
  if (plain && output.bytes.empty()) return;
  if (plain && share_last(item, output)) return;
  pieces_.push_back({item, std::string(plain ? "" : tag), std::move(output), 0, {}, false, false, {}});
}

// Small outputs share a write.
bool Writer::share_last(std::uint64_t item, Output& output) {
  if (pieces_.empty()) return false;
  Piece& last = pieces_.back();
  Output& before = last.output;
  if (before.target != output.target || !before.path.empty() || before.fd != -1) return false;
  if (before.bytes.size() >= kChunk) return false;
  if (last.shares.empty()) last.shares.push_back({last.item, before.bytes.size()});
  before.bytes += output.bytes;
  last.shares.push_back({item, before.bytes.size()});
  return true;
}

void Writer::pop() {
  Piece& piece = pieces_.front();
  if (piece.output.remove) ::unlink(piece.output.path.c_str());
  pieces_.pop_front();
}

// The next bytes of a file; false at its end.
bool Writer::refill(Piece& piece) {
  Output& output = piece.output;
  if (output.path.empty() && output.fd == -1) return false;
  if (!output.path.empty() && !piece.opened) {
    piece.opened = true;
    piece.file.reset(os::retry([&] { return ::open(output.path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW); }));
    if (!piece.file) {
      failures_.push_back({piece.item, errno});
      return false;
    }
  }
  const bool whole = static_cast<bool>(piece.file);
  const std::size_t most = whole ? kChunk : static_cast<std::size_t>(std::min<std::uint64_t>(kChunk, output.size));
  output.bytes.resize(most);
  piece.written = 0;
  const ssize_t count =
      most == 0 ? 0 : os::pread_full(whole ? piece.file.get() : output.fd, output.bytes.data(), most, output.offset);
  output.bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  if (count == -1) failures_.push_back({piece.item, errno});
  if (count <= 0) {
    if (!whole) in_files_ -= std::exchange(output.size, 0);
    return false;
  }
  output.offset += count;
  if (!whole) {
    output.size -= static_cast<std::uint64_t>(count);
    in_files_ -= static_cast<std::uint64_t>(count);
  }
  if (!piece.tag.empty()) output.bytes = tagged(piece.tag, output.bytes, piece.line_open);
  waiting_ += output.bytes.size();
  return true;
}

void Writer::fail(Piece& piece, int error) {
  if (error == EPIPE && piece.output.target == Target::kOut) {
    reader_left_ = true;
  } else if (piece.shares.empty()) {
    failures_.push_back({piece.item, error});
  } else {
    for (const Share& share : piece.shares) {
      if (share.end > piece.written) failures_.push_back({share.item, error});
    }
  }
  if (piece.output.fd != -1) in_files_ -= piece.output.size;
  waiting_ -= piece.output.bytes.size() - piece.written;
  pop();
}

// False: a reader must be waited for.
bool Writer::write_some(Piece& piece) {
  const auto target = static_cast<std::size_t>(piece.output.target);
  const int fd = fds_[target];
  if (target == 0 && reader_left_) {
    fail(piece, EPIPE);
    return true;
  }
  if (waits_[target] && !os::ready(fd, POLLOUT)) {
    blocked_on_ = fd;
    return false;
  }
  const std::string& bytes = piece.output.bytes;
  const std::size_t size = std::min<std::size_t>(bytes.size() - piece.written, waits_[target] ? PIPE_BUF : kMuch);
  const ssize_t count = os::retry([&] { return ::write(fd, bytes.data() + piece.written, size); });
  if (count == -1 && errno == EAGAIN) {
    blocked_on_ = fd;
    return false;
  }
  if (count <= 0) {
    fail(piece, count == 0 ? EIO : errno);
    return true;
  }
  piece.written += static_cast<std::size_t>(count);
  waiting_ -= static_cast<std::size_t>(count);
  return true;
}

void Writer::pump() {
  blocked_on_ = -1;
  bool told = false;
  std::size_t written = 0;
  while (!pieces_.empty() && written < kMuch) {
    Piece& piece = pieces_.front();
    if (piece.written == piece.output.bytes.size() && !refill(piece)) {
      pop();
      continue;
    }
    if (!told && before_) before_();
    told = true;
    const std::size_t before = waiting_;
    if (!write_some(piece)) return;
    written += before - waiting_;
  }
}

}  // namespace mtask::pool
