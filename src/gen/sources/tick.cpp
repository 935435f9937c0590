// tick: 0, 1, 2, … at their times.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include "gen/random.hpp"
#include "gen/sources/make.hpp"
#include "gen/stage_arguments.hpp"
#include "mtask/sleep.hpp"

namespace mtask::gen {
namespace {

using Clock = std::chrono::steady_clock;

struct Times {
  std::int64_t interval = 0;  // nanoseconds, above 0
  std::int64_t jitter = 0;    // each is late by up to this, by chance
  std::uint64_t seed = 0;
};

// Tick n is due at the start + interval * (n + 1), so nothing adds up. One that was missed comes late; none is lost.
class Tick final : public Stream {
 public:
  Tick(const Times& times, std::optional<std::uint64_t> count) : times_(times), random_(times.seed), left_(count) {}

  [[nodiscard]] task<Result<void>> pull(Batch& out, std::size_t want) override {
    out.clear();
    if (left_ == std::uint64_t{0}) co_return Result<void>();
    if (next_ == 0) {
      start_ = Clock::now();
      due_ = time_of(0);
    }
    co_await sleep_until(due_);
    const auto now = Clock::now();
    const std::size_t most = left_ ? static_cast<std::size_t>(std::min<std::uint64_t>(*left_, want)) : want;
    Progression ticks{next_, 1, 0};
    do {
      ++ticks.count;
      ++next_;
      due_ = std::max(due_, time_of(next_));
    } while (ticks.count < most && due_ <= now);
    if (left_) *left_ -= ticks.count;
    out.set_progression(ticks, 0);
    co_return Result<void>();
  }

  [[nodiscard]] task<void> close() override { co_return; }
  [[nodiscard]] bool live() const override { return true; }

 private:
  Clock::time_point time_of(std::int64_t number) {
    std::int64_t after = 0;
    const auto jitter = static_cast<std::int64_t>(
        times_.jitter == 0 ? 0 : random_.below(static_cast<std::uint64_t>(times_.jitter) + 1));
    if (__builtin_mul_overflow(times_.interval, number + 1, &after) || __builtin_add_overflow(after, jitter, &after) ||
        std::chrono::nanoseconds(after) > Clock::time_point::max() - start_) {
      return Clock::time_point::max();
    }
    return start_ + std::chrono::nanoseconds(after);
  }

  Times times_;
  Random random_;
  std::optional<std::uint64_t> left_;
  std::int64_t next_ = 0;
  Clock::time_point start_;
  Clock::time_point due_;
};

}  // namespace

Result<StreamPtr> make_tick(StageArguments& arguments) {
  const Word& word = arguments.operands()[0];
  auto interval = arguments.duration(word);
  if (!interval) return Unexpected(std::move(interval).error());
  if (interval->count() <= 0) return Unexpected(arguments.refuse(word, "is no interval"));
  Times times;
  times.interval = interval->count();
  if (const Word* const jitter = arguments.find("jitter")) {
    auto read = arguments.duration(*jitter);
    if (!read) return Unexpected(std::move(read).error());
    times.jitter = read->count();
  }
  auto seed = arguments.seed();
  if (!seed) return Unexpected(std::move(seed).error());
  times.seed = *seed;
  auto count = arguments.integer_option("count", 0);
  if (!count) return Unexpected(std::move(count).error());
  std::optional<std::uint64_t> left;
  if (*count) left = static_cast<std::uint64_t>(**count);
  return StreamPtr(std::make_unique<Tick>(times, left));
}

}  // namespace mtask::gen
