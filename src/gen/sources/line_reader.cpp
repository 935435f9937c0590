#include "gen/sources/line_reader.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "gen/number.hpp"
#include "mtask/io.hpp"
#include "mtask/sleep.hpp"

namespace mtask::gen {
namespace {

constexpr std::size_t kBlock = 256U << 10U;  // of a file
constexpr std::size_t kMostAtOnce = 1U << 20U;
constexpr std::size_t kPiece = 64U << 10U;  // as much as a pipe holds

void add_line(Batch& out, std::string_view line) { out.add_text(line, is_plain_number(line)); }

}  // namespace

char* LineBuffer::room(std::size_t least) {
  if (begin_ == end_) clear();
  if (capacity_ - end_ < least && begin_ > 0) {
    std::memmove(bytes_.get(), bytes_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    scanned_ -= begin_;
    begin_ = 0;
  }
  if (capacity_ - end_ < least) {
    const std::size_t capacity = std::max(end_ + least, capacity_ * 2);
    std::unique_ptr<char[]> bytes(new char[capacity]);
    if (end_ > 0) std::memcpy(bytes.get(), bytes_.get(), end_);
    bytes_ = std::move(bytes);
    capacity_ = capacity;
  }
  return bytes_.get() + end_;
}

void LineBuffer::take(Batch& out, std::size_t want) {
  for (; want > 0 && scanned_ < end_; --want) {
    const char* const from = bytes_.get() + scanned_;
    const void* const found = std::memchr(from, line_end_, end_ - scanned_);
    if (found == nullptr) {
      scanned_ = end_;
      return;
    }
    const auto line_end = static_cast<std::size_t>(static_cast<const char*>(found) - bytes_.get());
    add_line(out, {bytes_.get() + begin_, line_end - begin_});
    begin_ = scanned_ = line_end + 1;
  }
}

void LineBuffer::take_rest(Batch& out) {
  if (begin_ == end_) return;
  add_line(out, {bytes_.get() + begin_, end_ - begin_});
  clear();
}

void LineReader::restart() noexcept {
  buffer_.clear();
  at_end_ = false;
}

task<Result<void>> LineReader::next(int fd, bool waits, Batch& out, std::size_t want) {
  out.clear();
  for (;;) {
    buffer_.take(out, want);
    if (!out.empty() || at_end_) co_return Result<void>();
    if (buffer_.size() > LineBuffer::kLongest) {
      buffer_.clear();
      co_return Unexpected(system_error(ErrorKind::kItem, EMSGSIZE, ""));
    }
    if (waits) co_await readable(fd);
    if (buffer_.size() > 0) co_await yield();  // so that a signal is seen in a line without end
    char* const room = buffer_.room(waits ? kPiece : kBlock);
    const ssize_t count = ::read(fd, room, std::min(buffer_.room_size(), kMostAtOnce));
    if (count > 0) {
      buffer_.added(static_cast<std::size_t>(count));
    } else if (count == 0) {
      at_end_ = true;  // a terminal's would have to be told twice
      buffer_.take_rest(out);
    } else if (errno != EINTR && errno != EAGAIN) {
      const int error = errno;
      buffer_.clear();
      co_return Unexpected(system_error(ErrorKind::kItem, error, ""));
    }
  }
}

}  // namespace mtask::gen
