#pragma once
// One output stream of the jobs of a worker: a pipe that is used for job after job, and what came out of it.
//
// The pipe serves the next job as well because the worker goes on only when no process of the last one is left. Output
// stays in memory up to kMemory, then goes to a file. Belongs to one worker. After an error of the file
// (error() != 0) output is read and dropped.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/unique_fd.hpp"
#include "mtask/result.hpp"

namespace mtask::pool {

class CapturedStream {
 public:
  static constexpr std::size_t kMemory = 64U << 10;

  // Makes the pipe; its write end becomes the worker's descriptor `standard`, which the jobs inherit.
  [[nodiscard]] Result<void> open(int standard);
  [[nodiscard]] int read_end() const noexcept { return read_end_.get(); }

  // A new job. `path`: of the file; `always`: it is written however little there is, and what it held goes.
  void begin(std::string path, bool always);
  // Takes what the pipe holds, at most a buffer full; false when it was empty. `text`, where given, gets it, too.
  bool take(std::string* text = nullptr);
  void append(std::string_view bytes);
  // All output is there: true when it is in the file, false when it is in memory().
  bool finish(bool spill);

  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] const std::string& memory() const noexcept { return memory_; }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] int error() const noexcept { return error_; }
  void count(std::uint64_t bytes) noexcept { bytes_ += bytes; }  // that went elsewhere

  // For a pipe that will carry much.
  void widen() noexcept;
  // What was kept so far, in a file to be read from its start (none: -1); it has no name any more.
  [[nodiscard]] UniqueFd take_file();

 private:
  void open_file();
  void flush();

  UniqueFd read_end_;
  UniqueFd file_;
  std::string path_;
  std::string memory_;
  bool always_ = false;
  std::uint64_t bytes_ = 0;
  int error_ = 0;
};

}  // namespace mtask::pool
