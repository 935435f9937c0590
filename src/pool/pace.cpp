#include "pool/pace.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/text.hpp"

namespace mtask::pool {
namespace {

// Sums of a time of the clock and one of these can't overflow.
constexpr std::int64_t kLongest = std::numeric_limits<std::int64_t>::max() / 4;

}  // namespace

Result<double> parse_start_rate(std::string_view text) {
  std::string_view number = text;
  double seconds = 1;
  if (text.ends_with("/s") || text.ends_with("/m") || text.ends_with("/h")) {
    seconds = text.back() == 's' ? 1 : text.back() == 'm' ? 60 : 3600;
    number.remove_suffix(2);
  }
  double starts = 0;
  const char* const end = number.data() + number.size();
  const auto [at, error] = std::from_chars(number.data(), end, starts, std::chars_format::fixed);
  if (!number.empty() && number[0] >= '0' && number[0] <= '9' && error == std::errc() && at == end && starts <= 1e9) {
    return starts / seconds;
  }
  return Unexpected(usage_error(quote(text) +
                                " is no rate of starts: write a number for each second, minute or hour (50 or 50/s, "
                                "100/m, 3/h; 0: no limit)"));
}

Pace::Pace(Milliseconds delay, double limit_rate)
    : delay_(std::clamp<std::int64_t>(delay.count(), 0, kLongest / 1'000'000) * 1'000'000), step_(0) {
  if (limit_rate > 0) {
    const double step = 1e9 / limit_rate;
    step_ = step < static_cast<double>(kLongest) ? std::max<std::int64_t>(std::llround(step), 1) : kLongest;
  }
}

std::chrono::nanoseconds Pace::wait_for(PaceState& state, std::chrono::steady_clock::time_point now) const {
  using std::chrono::nanoseconds;
  const std::int64_t at = std::chrono::duration_cast<nanoseconds>(now.time_since_epoch()).count();
  const std::int64_t until = std::max(state.delay_until, state.rate_until);
  if (limits() && at < until) return nanoseconds(until - at);
  if (delay_ != 0) state.delay_until = at + delay_;
  if (step_ != 0) state.rate_until = (at - state.rate_until < step_ ? state.rate_until : at) + step_;
  return nanoseconds(0);
}

}  // namespace mtask::pool
