#pragma once
// When values may go that are held to a rate: a token bucket that begins full.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace mtask::gen {

// `values` in each `nanoseconds`.
struct PaceRate {
  std::uint64_t values = 1;
  std::uint64_t nanoseconds = 1'000'000'000;
};

// 50/s, 2.5/m, 100/h; without a unit: a second. At most 10^9 a second, six decimals. Nothing when it is no rate.
[[nodiscard]] std::optional<PaceRate> parse_pace(std::string_view text);

// The times form a grid that does not drift: each is computed from where the grid begins. It begins anew when nothing
// went for so long that the bucket ran over, which kDebt at least takes: values that were held up for less than that,
// by a busy machine or reader, go as soon as may be, and the grid stays.
class Pace {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::milliseconds kDebt{50};

  // `burst`: how many may go at once after a pause; above 0.
  Pace(const PaceRate& rate, std::uint64_t burst) : rate_(rate), burst_(burst) {}

  // A value is there at `now`. When it may go, which may be past.
  [[nodiscard]] Time due(Time now);
  // A value went: whether another may at `now`.
  [[nodiscard]] bool went(Time now);

 private:
  [[nodiscard]] Time time_of(std::uint64_t number) const;
  void begin(Time at);

  PaceRate rate_;
  std::uint64_t burst_;
  bool begun_ = false;
  Time start_;                // of the grid
  std::uint64_t number_ = 0;  // of the next value in it
};

}  // namespace mtask::gen
