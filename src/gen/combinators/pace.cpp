#include "gen/combinators/pace.hpp"

#include <algorithm>

#include "gen/number.hpp"

namespace mtask::gen {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr unsigned kMostDecimals = 6;
constexpr std::uint64_t kSecond = 1'000'000'000;

}  // namespace

std::optional<PaceRate> parse_pace(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view unit = slash == std::string_view::npos ? "s" : text.substr(slash + 1);
  const auto number = parse_decimal(text.substr(0, slash));
  PaceRate rate;
  if (unit == "m") {
    rate.nanoseconds = 60 * kSecond;
  } else if (unit == "h") {
    rate.nanoseconds = 3600 * kSecond;
  } else if (unit != "s") {
    return std::nullopt;
  }
  if (!number || number->units <= 0 || number->scale > kMostDecimals) return std::nullopt;
  rate.values = static_cast<std::uint64_t>(number->units);
  for (unsigned i = 0; i < number->scale; ++i) rate.nanoseconds *= 10;
  if (rate.values > rate.nanoseconds) return std::nullopt;
  return rate;
}

// Within 128 bits: neither factor is above 3.6e18, as number_ stays below rate_.values and a burst.
Pace::Time Pace::time_of(std::uint64_t number) const {
  const auto after = static_cast<Wide>(number) * rate_.nanoseconds / rate_.values;
  const auto most = static_cast<Wide>(std::chrono::nanoseconds::max().count() / 2);
  return start_ + std::chrono::nanoseconds(static_cast<std::int64_t>(std::min(after, most)));
}

void Pace::begin(Time at) {
  start_ = at;
  number_ = 0;
  start_ = at - (time_of(burst_ - 1) - at);
}

Pace::Time Pace::due(Time now) {
  if (!begun_) {
    begun_ = true;
    begin(now);
  }
  const Time due = time_of(number_);
  const bool ran_over = due > debt_until_ && now >= time_of(number_ + burst_);
  if (ran_over) begin(now);
  return time_of(number_);
}

void Pace::woke(Time now) {
  const Time due = time_of(number_);
  if (now - due > kDebt) {
    start_ += now - due;
  } else {
    debt_until_ = now;
  }
}

bool Pace::went(Time now) {
  if (++number_ == rate_.values) {
    // A whole number of nanoseconds.
    start_ += std::chrono::nanoseconds(rate_.nanoseconds);
    number_ = 0;
  }
  return time_of(number_) <= now;
}

}  // namespace mtask::gen
