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

// Within 128 bits: the nanoseconds are below 2^62.
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
  if (now - time_of(number_) > kDebt && now >= time_of(number_ + burst_)) begin(now);
  return time_of(number_);
}

bool Pace::went(Time now) {
  ++number_;
  return time_of(number_) <= now;
}

}  // namespace mtask::gen
