#pragma once
// Writes the jobs' output to out_fd and err_fd, in the order in which it came, without ever waiting for a reader.
//
// A descriptor that may block is written in pieces of at most PIPE_BUF bytes, each after poll(2) said that there is
// room. Belongs to the supervisor; the descriptors are the caller's. After EPIPE on out_fd nothing more is written
// there; any other error drops the output it befell and is told by take_failures().

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/unique_fd.hpp"

namespace mtask::pool {

enum class Target : std::uint8_t { kOut, kErr };

// A stretch of output: bytes, or a file by name, or a part of an open file.
struct Output {
  Target target = Target::kOut;
  std::string bytes;
  std::string path;     // read to its end once its turn has come
  bool remove = false;  // `path`, then
  int fd = -1;          // not owned: `size` bytes from `offset` on
  std::int64_t offset = 0;
  std::uint64_t size = 0;
};

class Writer {
 public:
  struct Failure {
    std::uint64_t item = 0;
    int error = 0;
  };

  // `before` is called before anything is written (by each pump()); may be empty.
  Writer(int out_fd, int err_fd, std::function<void()> before);

  // `tag`: goes with a tab before each line; empty: none. `item` comes back in a failure.
  void add(std::uint64_t item, std::string_view tag, Output output);

  // Writes for a while: until all is written, or a reader is waited for, or there was much.
  void pump();
  [[nodiscard]] bool idle() const noexcept { return pieces_.empty(); }
  [[nodiscard]] int blocked_on() const noexcept { return blocked_on_; }        // -1: none
  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_; }      // bytes in memory, about
  [[nodiscard]] std::uint64_t in_files() const noexcept { return in_files_; }  // bytes that wait as parts of open files
  [[nodiscard]] std::uint64_t behind() const noexcept { return waiting_ + in_files_; }
  [[nodiscard]] bool reader_left() const noexcept { return reader_left_; }
  // One for each output that was lost since.
  [[nodiscard]] std::vector<Failure> take_failures() { return std::exchange(failures_, {}); }

 private:
  // The output of one job, or small ones of several.
  struct Share {
    std::uint64_t item;
    std::size_t end;  // in the bytes
  };
  struct Piece {
    std::uint64_t item;
    std::string tag;
    Output output;
    std::size_t written;
    UniqueFd file;
    bool opened;
    bool line_open;
    std::vector<Share> shares;  // where there are several: by their ends
  };
  [[nodiscard]] bool share_last(std::uint64_t item, Output& output);
  [[nodiscard]] bool refill(Piece& piece);
  [[nodiscard]] bool write_some(Piece& piece);
  void fail(Piece& piece, int error);
  void pop();

  std::array<int, 2> fds_;
  std::array<bool, 2> waits_;
  std::function<void()> before_;
  std::deque<Piece> pieces_;
  std::size_t waiting_ = 0;
  int blocked_on_ = -1;
  bool reader_left_ = false;
  std::uint64_t in_files_ = 0;
  std::vector<Failure> failures_;
};

}  // namespace mtask::pool
