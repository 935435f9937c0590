#pragma once
// Whether the machine has room for another job: its load average against --load, and what it has of memory against
// --memfree. Readings are kept for a second, so asking before each start costs nothing.
//
// Memory is MemAvailable of /proc/meminfo: the whole machine's, whatever a control group allows. A reading that can't
// be had stops nobody. Not thread-safe.

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "mtask/result.hpp"

namespace mtask::pool {

// A load average as a number, or a share of `cpus`: "4.5", "80%". As with GNU parallel 0 means 0.01: wait for an idle
// machine, not for ever.
[[nodiscard]] Result<double> parse_load(std::string_view text, unsigned cpus);

// MemAvailable in bytes, of the text of /proc/meminfo; nothing where it isn't there.
[[nodiscard]] std::optional<std::uint64_t> available_memory(std::string_view meminfo);

// Where readings come from; nothing when one can't be had.
struct MachineReadings {
  std::function<std::optional<double>()> load;           // average of the last minute
  std::function<std::optional<std::uint64_t>()> memory;  // bytes
};
[[nodiscard]] MachineReadings machine_readings();

class Admission {
 public:
  enum class Verdict : std::uint8_t {
    kStart,
    kWait,          // start nothing
    kKillYoungest,  // start nothing, and kill the job that started last, to run it again later
  };

  Admission(std::optional<double> max_load, std::optional<std::uint64_t> min_free_memory,
            MachineReadings readings = machine_readings());

  // False: the verdict is always kStart.
  [[nodiscard]] bool limits() const noexcept { return max_load_ || min_free_memory_; }

  // Start while the load is below max_load and no less than min_free_memory is available. Below half of that the
  // youngest goes, one at each reading: the memory of the one before is back by then. Whether to kill the only job that
  // runs is up to the caller (parallel does). Ask about once a second also while there is nothing to start.
  [[nodiscard]] Verdict verdict(std::chrono::steady_clock::time_point now);

 private:
  [[nodiscard]] Verdict judged() const;

  std::optional<double> max_load_;
  std::optional<std::uint64_t> min_free_memory_;
  MachineReadings readings_;
  std::optional<std::chrono::steady_clock::time_point> read_at_;
  Verdict last_ = Verdict::kStart;
};

}  // namespace mtask::pool
