#include "gen/sources/range.hpp"

#include <algorithm>
#include <limits>

#include "base/text.hpp"
#include "gen/number.hpp"
#include "gen/sources/make.hpp"
#include "gen/stage_arguments.hpp"
#include "gen/wide.hpp"

namespace mtask::gen {
namespace {

using Wide = Int128;

bool fits(Wide value) {
  return value >= std::numeric_limits<std::int64_t>::min() && value <= std::numeric_limits<std::int64_t>::max();
}

Unexpected overflow(unsigned scale) {
  std::string least;
  std::string most;
  append_decimal(std::numeric_limits<std::int64_t>::min(), scale, least);
  append_decimal(std::numeric_limits<std::int64_t>::max(), scale, most);
  return Unexpected(Error{ErrorKind::kItem, {}, "range: the next value is beyond " + least + " to " + most});
}

struct Bounds {
  Decimal first{1, 0};
  Decimal step{1, 0};
  std::optional<Decimal> last;  // none: inf
};

Result<Bounds> read_bounds(const StageArguments& arguments) {
  const auto& words = arguments.operands();
  Bounds bounds;
  const Word& last = words.size() == 1 ? words[0] : words[1];
  if (last.text != "inf" && last.text != "-inf") {
    auto read = arguments.decimal(last);
    if (!read) return Unexpected(std::move(read).error());
    bounds.last = *read;
  }
  if (words.size() > 1) {
    auto read = arguments.decimal(words[0]);
    if (!read) return Unexpected(std::move(read).error());
    bounds.first = *read;
  }
  if (words.size() > 2) {
    auto read = arguments.decimal(words[2]);
    if (!read) return Unexpected(std::move(read).error());
    bounds.step = *read;
    if (bounds.step.units == 0) return Unexpected(arguments.refuse(words[2], "is no step: the range would not move"));
  } else if (last.text == "-inf") {
    bounds.step.units = -1;
  }
  const bool rises = bounds.step.units > 0;
  if ((last.text == "inf" && !rises) || (last.text == "-inf" && rises)) {
    return Unexpected(arguments.refuse(last, "is never come nearer to by this step"));
  }
  return bounds;
}

}  // namespace

Result<void> Range::read(std::span<const std::uint64_t> indices, Batch& out) const {
  std::vector<std::int64_t>& values = out.start_exact(scale_);
  if (count_) {  // all are within 64 bits, and so are the sums modulo 2^64
    values.resize(indices.size());
    for (std::size_t i = 0; i < indices.size(); ++i) {
      values[i] = static_cast<std::int64_t>(static_cast<std::uint64_t>(first_) +
                                            static_cast<std::uint64_t>(step_) * indices[i]);
    }
    return {};
  }
  for (const std::uint64_t index : indices) {
    const Wide value = first_ + Wide{step_} * static_cast<Wide>(index);
    if (!fits(value)) break;
    values.push_back(static_cast<std::int64_t>(value));
  }
  if (values.empty()) return overflow(scale_);
  return {};
}

Result<void> Range::read_run(std::uint64_t first, std::uint64_t stride, std::size_t count, Batch& out) const {
  const Wide start = first_ + Wide{step_} * static_cast<Wide>(first);
  const Wide step = Wide{step_} * static_cast<Wide>(stride);
  if (!fits(start)) return overflow(scale_);
  if (!fits(step)) {
    out.set_progression(Progression{static_cast<std::int64_t>(start), 0, 1}, scale_);
    return {};
  }
  const Wide room = step > 0 ? (std::numeric_limits<std::int64_t>::max() - start) / step
                             : (std::numeric_limits<std::int64_t>::min() - start) / step;
  const auto fitting = static_cast<std::size_t>(std::min<Wide>(room, static_cast<Wide>(count) - 1)) + 1;
  out.set_progression(Progression{static_cast<std::int64_t>(start), static_cast<std::int64_t>(step), fitting}, scale_);
  return {};
}

Result<StreamPtr> make_range(StageArguments& arguments) {
  auto bounds = read_bounds(arguments);
  if (!bounds) return Unexpected(std::move(bounds).error());
  const unsigned scale = std::max(bounds->first.scale, bounds->step.scale);
  const auto first = rescale(bounds->first, scale);
  const auto step = rescale(bounds->step, scale);
  const Word& culprit = arguments.operands()[0];
  if (!first || !step) return Unexpected(arguments.refuse(culprit, "and the step have too many digits together"));
  std::optional<std::uint64_t> count;
  if (bounds->last) {
    // At the finest of the scales, so that 0.95 ends a range of tenths at 0.9.
    const unsigned fine = std::max(scale, bounds->last->scale);
    Wide unit = 1;
    for (unsigned i = scale; i < fine; ++i) unit *= 10;
    Wide last = bounds->last->units;
    for (unsigned i = bounds->last->scale; i < fine; ++i) last *= 10;
    const Wide distance = last - Wide{*first} * unit;
    const Wide stride = Wide{*step} * unit;
    if (distance != 0 && (distance > 0) != (stride > 0)) {
      if (arguments.has("allow-empty")) {
        count = 0;
      } else {
        const Word& end = arguments.operands()[arguments.operands().size() == 1 ? 0 : 1];
        return Unexpected(
            arguments.refuse(end,
                             "lies on the other side of the first value, so the range is empty; write a step of "
                             "the other sign, or --allow-empty"));
      }
    } else {
      const Wide values = distance / stride + 1;
      if (values > std::numeric_limits<std::int64_t>::max()) {
        return Unexpected(arguments.refuse(culprit, "begins a range of more than 2^63 - 1 values"));
      }
      count = static_cast<std::uint64_t>(values);
    }
  }
  auto range = std::make_shared<const Range>(*first, *step, scale, count);
  return StreamPtr(std::make_unique<IndexedStream>(IndexedView(std::move(range))));
}

}  // namespace mtask::gen
