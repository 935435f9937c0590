#pragma once
// Lines of a file descriptor, as they come.

#include <cstddef>
#include <memory>

#include "gen/batch.hpp"
#include "mtask/result.hpp"
#include "mtask/task.hpp"

namespace mtask::gen {

// Bytes in, lines out. A line may have any length up to kLongest. Not thread-safe.
class LineBuffer {
 public:
  static constexpr std::size_t kLongest = 1U << 30U;  // what surely fits in a batch

  explicit LineBuffer(char end) : line_end_(end) {}

  // Room for `least` bytes or more; added() says how many of `room_size()` were written there.
  [[nodiscard]] char* room(std::size_t least);
  [[nodiscard]] std::size_t room_size() const noexcept { return capacity_ - end_; }
  void added(std::size_t count) noexcept { end_ += count; }

  // Appends up to `want` complete lines to `out`, without their ends.
  void take(Batch& out, std::size_t want);
  // Appends what is left when no more bytes come: a line without an end, if any.
  void take_rest(Batch& out);
  [[nodiscard]] std::size_t size() const noexcept { return end_ - begin_; }
  void clear() noexcept { begin_ = scanned_ = end_ = 0; }

 private:
  char line_end_;
  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t scanned_ = 0;  // no line ends before it
  std::size_t end_ = 0;
};

class LineReader {
 public:
  explicit LineReader(char end) : buffer_(end) {}

  // Replaces `out` by up to `want` lines of `fd`: those of one read, or what is left of one. Empty: the end. An error
  // has the system's reason and no context. `waits`: for what comes when it comes; other files are read in large
  // blocks.
  [[nodiscard]] task<Result<void>> next(int fd, bool waits, Batch& out, std::size_t want);
  // Another file begins.
  void restart() noexcept;

 private:
  LineBuffer buffer_;
  bool at_end_ = false;
};

}  // namespace mtask::gen
