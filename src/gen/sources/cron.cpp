// cron: times as a crontab names them.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <utility>

#include "gen/sources/cron_schedule.hpp"
#include "gen/sources/make.hpp"
#include "gen/stage_arguments.hpp"
#include "mtask/sleep.hpp"

namespace mtask::gen {
namespace {

using WallClock = std::chrono::system_clock;

// People set clocks, and a machine that sleeps stops the steady one; so it looks again now and then.
constexpr std::size_t kAtOnce = 16;  // rare times take milliseconds each to find
constexpr std::chrono::seconds kLook{5};
// What a clock that was put forward by more than this has passed over is not made up for.
constexpr std::time_t kPassedOver = 3 * 3600;

struct Request {
  CronSchedule schedule;
  std::optional<std::time_t> from;  // nothing: from the first pull on
  bool waits = true;
  std::optional<std::uint64_t> left;
};

class Cron final : public Stream {
 public:
  explicit Cron(Request request) : request_(std::move(request)) {}

  [[nodiscard]] task<Result<void>> pull(Batch& out, std::size_t want) override {
    out.clear();
    if (!last_) last_ = request_.from ? *request_.from - 1 : WallClock::to_time_t(WallClock::now());
    want = request_.waits ? 1 : std::min(want, kAtOnce);
    for (; want > 0 && request_.left != std::uint64_t{0}; --want) {
      const auto next = request_.schedule.next(*last_);
      if (!next) break;
      if (request_.waits) co_await wait_for(*next);
      last_ = next;
      if (request_.left) --*request_.left;
      out.add_text(format_local_time(*next));
      if (request_.waits) pass_over();
    }
    co_return Result<void>();
  }

  [[nodiscard]] task<void> close() override { co_return; }
  [[nodiscard]] bool live() const override { return request_.waits; }

 private:
  static task<void> wait_for(std::time_t time) {
    for (;;) {
      const auto left = WallClock::from_time_t(time) - WallClock::now();
      if (left <= left.zero()) co_return;
      const std::chrono::nanoseconds nap = std::min<std::chrono::nanoseconds>(left, kLook);
      co_await sleep_for(nap);
    }
  }
  void pass_over() {
    const std::time_t now = WallClock::to_time_t(WallClock::now());
    if (now - *last_ > kPassedOver) last_ = now;
  }

  Request request_;
  std::optional<std::time_t> last_;
};

}  // namespace

Result<StreamPtr> make_cron(StageArguments& arguments) {
  ::tzset();
  std::string text;
  for (const Word& word : arguments.operands()) text += (text.empty() ? "" : " ") + word.text;
  Word whole = arguments.operands().front();
  whole.text = text;
  auto schedule = CronSchedule::parse(text);
  if (!schedule) return Unexpected(arguments.refuse(whole, schedule.error().context));
  std::optional<std::time_t> from;
  if (const Word* const word = arguments.find("from")) {
    from = parse_local_time(word->text);
    if (!from) return Unexpected(arguments.refuse(*word, "is no time, such as 2024-01-31 or 2024-01-31T12:00"));
  }
  if (!schedule->next(from.value_or(std::time(nullptr)))) return Unexpected(arguments.refuse(whole, "never comes"));
  auto count = arguments.integer_option("count", 0);
  if (!count) return Unexpected(std::move(count).error());
  Request request{*std::move(schedule), from, !from && !arguments.has("list"), std::nullopt};
  if (*count) request.left = static_cast<std::uint64_t>(**count);
  return StreamPtr(std::make_unique<Cron>(std::move(request)));
}

}  // namespace mtask::gen
