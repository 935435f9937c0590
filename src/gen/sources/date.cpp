#include "gen/sources/date.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <optional>
#include <string>
#include <utility>

#include "gen/number.hpp"
#include "gen/sources/make.hpp"
#include "gen/stage_arguments.hpp"

namespace mtask::gen {
namespace {

constexpr const char* kSteps = "is no step, such as 1d, 2w, 1mo, 1y, 15m, 1h, 30s or 1bd, also with a minus";
// More steps than there are seconds in the calendar.
constexpr std::uint64_t kMostSteps = static_cast<std::uint64_t>(kLastMoment - kFirstMoment) + 2;

Unexpected refused(const char* reason) { return Unexpected(usage_error(reason)); }

struct Unit {
  std::string_view name;
  DateStep step;
};
constexpr std::array<Unit, 8> kUnits{{{"mo", {1, 0, 0}},
                                      {"bd", {0, 0, 1}},
                                      {"y", {12, 0, 0}},
                                      {"w", {0, 7 * kSecondsADay, 0}},
                                      {"d", {0, kSecondsADay, 0}},
                                      {"h", {0, 3600, 0}},
                                      {"m", {0, 60, 0}},
                                      {"s", {0, 1, 0}}}};

bool add_times(std::int64_t& sum, std::int64_t count, std::int64_t each) {
  std::int64_t product = 0;
  return !__builtin_mul_overflow(count, each, &product) && !__builtin_add_overflow(sum, product, &sum);
}

struct Operands {
  Moment first;
  std::optional<Moment> last;  // none: inf
  DateStep step;
};

Result<Moment> read_moment(const StageArguments& arguments, const Word& word) {
  auto moment = parse_moment(word.text);
  if (!moment) return Unexpected(arguments.refuse(word, moment.error().context));
  return moment;
}

Result<Operands> read_operands(const StageArguments& arguments) {
  const auto& words = arguments.operands();
  Operands operands;
  auto first = read_moment(arguments, words[0]);
  if (!first) return Unexpected(std::move(first).error());
  operands.first = *first;
  if (words.size() > 1 && words[1].text != "inf" && words[1].text != "-inf") {
    auto last = read_moment(arguments, words[1]);
    if (!last) return Unexpected(std::move(last).error());
    if (last->offset && !first->offset) {
      return Unexpected(arguments.refuse(words[1], "has an offset from UTC and FIRST has none"));
    }
    if (last->offset) last->wall += *first->offset - *last->offset;
    operands.last = *last;
  }
  operands.step = DateStep{0, kSecondsADay, 0};
  if (words.size() > 2) {
    auto step = parse_date_step(words[2].text);
    if (!step) return Unexpected(arguments.refuse(words[2], step.error().context));
    operands.step = *step;
  }
  if (words.size() > 1 && words[1].text == (operands.step.rises() ? "-inf" : "inf")) {
    return Unexpected(arguments.refuse(words[1], "is never come nearer to by this step"));
  }
  return operands;
}

// As FIRST is written, and as fine as the values are.
std::string natural_format(const Operands& operands) {
  const Moment& first = operands.first;
  const std::int64_t seconds = operands.step.seconds;
  const bool has_last_time = operands.last && operands.last->has_time;
  if (!first.has_time && !has_last_time && seconds % kSecondsADay == 0) return "%F";
  const bool fine = first.has_seconds || seconds % 60 != 0;
  std::string text = std::string("%F") + first.separator + (fine ? "%T" : "%R");
  if (first.offset) text += first.zulu ? "Z" : "%:z";
  return text;
}

}  // namespace

Result<DateStep> parse_date_step(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  DateStep step;
  if (text.empty()) return refused(kSteps);
  while (!text.empty()) {
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error == std::errc::result_out_of_range) return refused("is out of range");
    if (error != std::errc() || text.front() == '-') return refused(kSteps);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const auto unit = std::find_if(kUnits.begin(), kUnits.end(),
                                   [&](const Unit& candidate) { return text.starts_with(candidate.name); });
    if (unit == kUnits.end()) return refused(kSteps);
    text.remove_prefix(unit->name.size());
    if (negative) count = -count;
    if (!add_times(step.months, count, unit->step.months) || !add_times(step.seconds, count, unit->step.seconds) ||
        !add_times(step.business_days, count, unit->step.business_days)) {
      return refused("is out of range");
    }
  }
  const bool moves = step.months != 0 || step.seconds != 0;
  if (moves && step.business_days != 0) return refused("mixes business days with other units");
  if (!moves && step.business_days == 0) return refused("is no step: the dates would not move");
  return step;
}

DateSequence::DateSequence(WallSeconds first, const DateStep& step, bool month_end) noexcept
    : first_(first), step_(step), month_end_(month_end) {}

std::optional<WallSeconds> DateSequence::at(std::uint64_t index) const noexcept {
  if (index > kMostSteps) return std::nullopt;
  const auto n = static_cast<std::int64_t>(index);
  if (step_.business_days != 0) return business_day(n);
  WallSeconds wall = first_;
  if (step_.months != 0 || month_end_) {
    const std::int64_t days = floor_divided(first_, kSecondsADay);
    const CivilDate date = civil_from_days(days);
    std::int64_t month = date.year * 12 + date.month - 1;
    // Back from a day within a month, that month's end is not on the way.
    const bool passed = month_end_ && !step_.rises() && date.day < days_in_month(date.year, date.month);
    if (!add_times(month, passed ? n + 1 : n, step_.months) || month < 12 || month >= 120'000) return std::nullopt;
    CivilDate moved{month / 12, month % 12 + 1, date.day};
    const std::int64_t end = days_in_month(moved.year, moved.month);
    moved.day = month_end_ ? end : std::min(date.day, end);
    wall += (days_from_civil(moved) - days) * kSecondsADay;
  }
  if (!add_times(wall, n, step_.seconds) || wall < kFirstMoment || wall > kLastMoment) return std::nullopt;
  return wall;
}

std::optional<WallSeconds> DateSequence::business_day(std::int64_t index) const noexcept {
  const std::int64_t days = floor_divided(first_, kSecondsADay);
  std::int64_t week = floor_divided(days + 3, 7);  // 1970-01-01 was a Thursday
  std::int64_t day = weekday(days);
  if (day > 4) {
    if (step_.rises()) ++week;
    day = step_.rises() ? 0 : 4;
  }
  std::int64_t number = week * 5 + day;
  if (!add_times(number, index, step_.business_days)) return std::nullopt;
  const std::int64_t moved_week = floor_divided(number, 5);
  if (moved_week > kLastMoment / kSecondsADay || moved_week < kFirstMoment / kSecondsADay) return std::nullopt;
  const std::int64_t moved = moved_week * 7 + (number - moved_week * 5) - 3;
  const WallSeconds wall = first_ + (moved - days) * kSecondsADay;
  if (wall < kFirstMoment || wall > kLastMoment) return std::nullopt;
  return wall;
}

std::uint64_t DateSequence::count(std::optional<WallSeconds> last) const noexcept {
  std::uint64_t low = 0;  // that many are there
  std::uint64_t high = kMostSteps;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    const auto wall = at(middle);
    const bool within = wall && (!last || (step_.rises() ? *wall <= *last : *wall >= *last));
    if (within) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

// Of the local zone from UTC when its clocks show that.
std::int32_t local_offset(WallSeconds wall) {
  const std::time_t shown = wall;
  std::tm fields{};
  if (::gmtime_r(&shown, &fields) == nullptr) return 0;
  fields.tm_isdst = -1;
  return static_cast<std::int32_t>(wall - std::mktime(&fields));
}

Result<void> Dates::read(std::span<const std::uint64_t> indices, Batch& out) const {
  out.start_rows();
  std::string text;
  for (const std::uint64_t index : indices) {
    const auto wall = sequence_.at(index);
    if (!wall) {
      if (!out.empty()) break;
      return Unexpected(Error{ErrorKind::kItem, {}, "date: the next one is beyond the years 0001 to 9999"});
    }
    text.clear();
    format_.append(*wall, offset_ ? *offset_ : local_offset(*wall), text);
    out.add_text(text, is_plain_number(text));
  }
  return {};
}

Result<StreamPtr> make_date(StageArguments& arguments) {
  auto operands = read_operands(arguments);
  if (!operands) return Unexpected(std::move(operands).error());
  const Word* const given = arguments.find("format");
  auto format = MomentFormat::parse(given != nullptr ? given->text : natural_format(*operands));
  if (!format) return Unexpected(arguments.refuse(*given, format.error().context));
  const bool month_end = arguments.has("month-end");
  if (month_end && (operands->step.seconds != 0 || operands->step.business_days != 0)) {
    return Unexpected(arguments.refuse(*arguments.find("month-end"), "needs a STEP of months or years, such as 1mo"));
  }
  const DateSequence sequence(operands->first.wall, operands->step, month_end);
  std::optional<std::uint64_t> count;
  if (operands->last) {
    count = sequence.count(operands->last->wall);
    const bool passed = operands->step.rises() ? operands->last->wall < operands->first.wall
                                               : operands->last->wall > operands->first.wall;
    if (passed && !arguments.has("allow-empty")) {
      return Unexpected(
          arguments.refuse(arguments.operands()[1],
                           "lies on the other side of FIRST, so there is no date; write a step of the other "
                           "sign, or --allow-empty"));
    }
  }
  // A date without an offset is local; most formats do not show that, and asking the zone takes time.
  std::optional<std::int32_t> offset = operands->first.offset;
  const bool shows_zone =
      given != nullptr && (given->text.find("%s") != std::string::npos || given->text.find("%z") != std::string::npos ||
                           given->text.find("%:z") != std::string::npos);
  if (!offset && !shows_zone) offset = 0;
  auto dates = std::make_shared<const Dates>(sequence, count, std::move(*format), offset);
  return StreamPtr(std::make_unique<IndexedStream>(IndexedView(std::move(dates))));
}

}  // namespace mtask::gen
