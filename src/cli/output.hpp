#pragma once
// A buffered stream to a file descriptor that remembers its first trouble, so that callers write on and ask once.
// Not thread-safe. Does not own the descriptor.

#include <string>
#include <string_view>

#include "mtask/result.hpp"

namespace mtask::cli {

class Output {
 public:
  explicit Output(int fd) : fd_(fd) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  void write(std::string_view text);
  void flush();

  // The reader is gone (EPIPE); what is written from now on is dropped.
  [[nodiscard]] bool reader_left() const;
  // Remembers that somebody else who writes to this descriptor found the reader gone.
  void set_reader_left();

  // Flushes. An error is any trouble but a reader who left.
  [[nodiscard]] Result<void> finish();

 private:
  int fd_;
  std::string buffer_;
  int trouble_ = 0;  // errno of the first failed write
};

}  // namespace mtask::cli
