#pragma once
// How many jobs run at the same time (--jobs): 4, 50% of the CPUs (rounded up), +1 or -1 more or fewer than there are
// CPUs, 0, or the name of a file that holds one of these and may change while the run goes on.
//
// CPUs are those that this process may use (os/cpus.hpp), and so is 0: GNU parallel's 0 means as many as possible,
// which helps no machine. What comes out is kept within 1 and kMostSlots. Not thread-safe.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mtask/result.hpp"

namespace mtask::pool {

inline constexpr unsigned kMostSlots = 1024;

// A number of jobs as it was written.
struct JobsForm {
  enum class Kind : std::uint8_t { kCount, kPercent, kMore, kFewer };
  Kind kind = Kind::kCount;
  double number = 0;  // a count of 0 is all CPUs

  [[nodiscard]] unsigned slots(unsigned cpus) const noexcept;
};

// Nothing when it is none of 4, 50%, +1, -1, 0.
[[nodiscard]] std::optional<JobsForm> parse_jobs_form(std::string_view text);

class JobsNumber {
 public:
  // The number wanted now: 1 to kMostSlots. A file is read again each time; blanks around its number are dropped. A
  // file that can't be read, or holds something else, is an error to be told the first time; from then on, until it is
  // right again, the last good number stands.
  [[nodiscard]] Result<unsigned> evaluate();

  [[nodiscard]] bool is_file() const noexcept { return !path_.empty(); }
  // The last good number; nothing when there was none yet.
  [[nodiscard]] std::optional<unsigned> last() const noexcept { return last_; }

 private:
  friend Result<JobsNumber> parse_jobs(std::string_view text);
  [[nodiscard]] Result<unsigned> read_file() const;

  JobsForm form_;
  std::string path_;  // empty: no file
  std::optional<unsigned> last_;
  bool told_ = false;
};

// What is none of the forms is the name of a file, if there is one; else a usage error lists what is accepted. The
// file is not read yet.
[[nodiscard]] Result<JobsNumber> parse_jobs(std::string_view text);

}  // namespace mtask::pool
