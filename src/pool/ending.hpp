#pragma once
// Ends a job with all that it started: signals in turn with time between them, then SIGKILL until nobody is left.
//
// Belongs to a worker, from which all of the job's processes descend, however they left its process group: the worker
// is a child subreaper. Times are of the steady clock, in nanoseconds.

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

#include "mtask/pool.hpp"
#include "pool/term_sequence.hpp"

namespace mtask::pool {

class Ending {
 public:
  explicit Ending(const Config& config);

  // Sends the first signal. `group`: the job's process group, 0: none. `at_once`: SIGKILL from the start, also when a
  // gentler end has begun.
  void begin(pid_t group, bool at_once);
  void reset() noexcept { begun_ = false; }
  [[nodiscard]] bool begun() const noexcept { return begun_; }

  // Sends what is due.
  void step();
  [[nodiscard]] std::uint64_t next() const noexcept { return next_; }

 private:
  void send();
  TermSequence sequence_;
  bool begun_ = false;
  pid_t group_ = 0;
  std::size_t stage_ = 0;
  std::uint64_t next_ = 0;
};

}  // namespace mtask::pool
