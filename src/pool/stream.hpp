#pragma once
// Passes a job's standard output straight on from its pipe, without blocking, once the job has said much.
//
// First what was saved of it so far, then what comes, by splice(2) where the reader is a pipe. Belongs to the worker;
// neither `pipe` nor `out` is owned.

#include <poll.h>

#include <cstdint>
#include <string>

#include "base/unique_fd.hpp"

namespace mtask::pool {

class Stream {
 public:
  // `saved`: read from its offset on; may hold none. `pipe` doesn't block.
  Stream(UniqueFd saved, int pipe, int out);

  // What to wait for before step() is worth calling.
  [[nodiscard]] pollfd wants() const noexcept;
  void step();
  // The pipe was empty when step() looked last.
  [[nodiscard]] bool drained() const noexcept { return drained_; }
  // errno of a failed write; EPIPE: the reader is gone. What comes from then on is read and dropped.
  [[nodiscard]] int error() const noexcept { return error_; }
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }  // that came from the pipe

 private:
  enum class Move : std::uint8_t { kMoved, kNoInput, kNoRoom, kEnd };
  [[nodiscard]] Move move();
  [[nodiscard]] Move splice_on();
  [[nodiscard]] Move copy_on();
  [[nodiscard]] Move drop();
  [[nodiscard]] bool writable() const noexcept;

  UniqueFd saved_;
  int pipe_;
  int out_;
  bool splices_;
  bool waits_;  // out may have to be waited for
  std::string pending_;
  std::size_t written_ = 0;
  bool no_room_ = false;
  bool drained_ = false;
  int error_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace mtask::pool
