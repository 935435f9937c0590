#pragma once
// Dates and times at equal steps of the calendar.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "gen/calendar.hpp"
#include "gen/indexed.hpp"

namespace mtask::gen {

// Months and seconds have the same sign and are not both 0, or `business_days` alone is not 0.
struct DateStep {
  std::int64_t months = 0;
  std::int64_t seconds = 0;
  std::int64_t business_days = 0;

  [[nodiscard]] bool rises() const noexcept { return months > 0 || seconds > 0 || business_days > 0; }
};

// 1d, 2w, 1mo, 1y, 15m (minutes), 1h, 30s, 1h30m, 1y6mo, -1d; 1bd (business days, Monday to Friday) alone. The reason
// of a failure is a phrase.
[[nodiscard]] Result<DateStep> parse_date_step(std::string_view text);

// Each is computed from the first, so that month ends don't drift: from 01-31 by a month, 02-29, 03-31, 04-30 …
// Business days begin at the first one from `first` on, in the direction of the step.
class DateSequence {
 public:
  // `month_end`: each is moved to the last day of its month.
  DateSequence(WallSeconds first, const DateStep& step, bool month_end) noexcept;
  // Nothing beyond the years 1 to 9999.
  [[nodiscard]] std::optional<WallSeconds> at(std::uint64_t index) const noexcept;
  // How many there are until `last`; without one, until the calendar's end.
  [[nodiscard]] std::uint64_t count(std::optional<WallSeconds> last) const noexcept;

 private:
  [[nodiscard]] std::optional<WallSeconds> business_day(std::int64_t index) const noexcept;

  WallSeconds first_;
  DateStep step_;
  bool month_end_;
};

// Their texts.
class Dates final : public Indexed {
 public:
  Dates(const DateSequence& sequence, std::optional<std::uint64_t> count, MomentFormat format,
        std::optional<std::int32_t> offset)
      : sequence_(sequence), count_(count), format_(std::move(format)), offset_(offset) {}
  [[nodiscard]] std::optional<std::uint64_t> size() const override { return count_; }
  [[nodiscard]] Result<void> read(std::span<const std::uint64_t> indices, Batch& out) const override;

 private:
  DateSequence sequence_;
  std::optional<std::uint64_t> count_;
  MomentFormat format_;
  std::optional<std::int32_t> offset_;  // nothing: that of the local zone
};

}  // namespace mtask::gen
