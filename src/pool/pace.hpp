#pragma once
// When the next job may start: `delay` after the last start, and no more than `limit_rate` starts a second.
//
// Both are absolute times, so neither drifts with the time that waiting and starting take. The rate is a grid of
// moments: a start that is late by less than a step moves none of those after it, and moments that were missed are not
// made up for (a token bucket that holds one). The delay counts from the start itself, so it is never shorter.

#include <chrono>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "mtask/pool.hpp"
#include "mtask/result.hpp"

namespace mtask::pool {

// Starts a second: "50/s" or "50", "100/m", "3/h"; fractions too. 0 is no limit.
[[nodiscard]] Result<double> parse_start_rate(std::string_view text);

// In memory shared by the workers, which change it under a lock of theirs. All zero is the beginning. Nanoseconds of
// the steady clock, which is one for all processes of a machine.
struct PaceState {
  std::int64_t delay_until = 0;
  std::int64_t rate_until = 0;
};
static_assert(std::is_trivially_copyable_v<PaceState>);

// Constant; any thread or process may use it.
class Pace {
 public:
  Pace(Milliseconds delay, double limit_rate);

  // False: every start is allowed, and no state is needed.
  [[nodiscard]] bool limits() const noexcept { return delay_ != 0 || step_ != 0; }

  // 0: start now; the start is booked in the state. Else nothing is booked: ask again after that long. So a worker that
  // dies or is stopped while it waits holds up nobody. The caller holds the lock of the state.
  [[nodiscard]] std::chrono::nanoseconds wait_for(PaceState& state, std::chrono::steady_clock::time_point now) const;

 private:
  std::int64_t delay_;  // ns
  std::int64_t step_;   // ns between two starts by the rate; 0: none
};

}  // namespace mtask::pool
