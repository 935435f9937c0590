#pragma once
// Waiting for a time, and letting others run.
//
//   co_await sleep_for(20ms);
//   for (auto next = now + 1ms;; next += 1ms) co_await sleep_until(next);   // no drift
//   co_await yield();
//
// Times are those of std::chrono::steady_clock, kept to the nanosecond. A task wakes after its time, never before;
// where more than a million wake in a second, up to about 50 µs later than it could. Those whose times are equal wake
// in the order in which they went to sleep. All throw `cancelled` in a cancelled task.

#include <chrono>
#include <coroutine>
#include <string>

#include "mtask/scheduler.hpp"
#include "mtask/scope.hpp"
#include "mtask/task.hpp"

namespace mtask {

class sleep_awaiter final : public detail::wait {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  explicit sleep_awaiter(time_point deadline) noexcept : deadline_(deadline) {}
  void await_suspend(std::coroutine_handle<> handle);
  bool cancel(detail::promise_base& task) noexcept override;
  [[nodiscard]] std::string what() const override { return "sleep"; }

 private:
  time_point deadline_;
};

[[nodiscard]] inline sleep_awaiter sleep_until(std::chrono::steady_clock::time_point time) noexcept {
  return sleep_awaiter(time);
}
// What is too long for the clock is for ever (292 years).
[[nodiscard]] sleep_awaiter sleep_for(std::chrono::nanoseconds duration) noexcept;

template <class Rep, class Period>
[[nodiscard]] sleep_awaiter sleep_for(std::chrono::duration<Rep, Period> duration) noexcept {
  using std::chrono::nanoseconds;
  using Seconds = std::chrono::duration<double>;
  if (duration < duration.zero()) return sleep_for(nanoseconds::zero());
  if (Seconds(duration) >= Seconds(nanoseconds::max())) return sleep_for(nanoseconds::max());
  return sleep_for(std::chrono::ceil<nanoseconds>(duration));
}

struct yield_awaiter : std::suspend_always {
  void await_suspend(std::coroutine_handle<>) const {
    detail::this_scheduler->ready.push_back(detail::this_scheduler->current);
  }
  void await_resume() const { detail::throw_if_cancelled(); }
};
// Lets all others that are ready run once.
[[nodiscard]] inline yield_awaiter yield() noexcept { return {}; }

}  // namespace mtask
