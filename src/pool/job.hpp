#pragma once
// A job from the moment its command is known until its end is told.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mtask/result.hpp"

namespace mtask::pool {

// Stands in argv and other rendered texts for the number of the slot, which only the worker knows. No text that came
// from outside holds a NUL: such a value is refused.
inline constexpr char kSlotMark = '\0';

struct JobSpec {
  std::uint64_t seq = 0;          // from 1, in input order
  std::vector<std::string> argv;  // what is executed; with a shell: {shell, "-c", text}
  std::string shown;              // the command line, quoted as parallel's job log and --dry-run show it
  std::string tag;                // empty: none
  std::string workdir;            // empty: the current one
  // What --results names its folders by, where they are wanted: the source's name ("1", "2", … or from the header) and
  // its value.
  std::vector<std::pair<std::string, std::string>> values;
  std::optional<std::string> block;  // standard input of the job (--pipe)
};

// Where jobs come from, one at a time: nothing once there are no more. Owned by the supervisor, called from its thread.
class JobSource {
 public:
  virtual ~JobSource() = default;
  // May block on a slow standard input; when it would, and `input_fd` is not -1, the caller polls that first.
  [[nodiscard]] virtual Result<std::optional<JobSpec>> next() = 0;
  // The fd that next() may block on; -1 when it can answer at once (a whole value is buffered, or the source is no
  // pipe, terminal or socket).
  [[nodiscard]] virtual int input_fd() const = 0;
  // Takes in what `input_fd` has: one read, which does not block when that is readable (or at its end). Call it until
  // input_fd() is -1, then next(). An error of the input comes from next().
  virtual void take_input() {}
  // How many jobs there will be, where that is known.
  [[nodiscard]] virtual std::optional<std::uint64_t> total() const = 0;
};

struct JobResult {
  std::uint64_t seq = 0;
  std::uint32_t slot = 0;  // 0-based; -j's number is one more
  std::int32_t pid = 0;
  int exit_code = 0;  // of the last run
  int signal = 0;     // it died of; 0: none
  bool timed_out = false;
  std::uint32_t runs = 1;
  std::chrono::system_clock::time_point started{};
  std::chrono::duration<double> runtime{};
  std::uint64_t bytes_in = 0;   // given to its standard input
  std::uint64_t bytes_out = 0;  // of its standard output
  std::uint64_t bytes_err = 0;
};

}  // namespace mtask::pool
