// The awaitables that need the loop's insides, in their non-inline parts.

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "coro/loop_state.hpp"
#include "mtask/sleep.hpp"
#include "mtask/switch.hpp"
#include "mtask/wait_list.hpp"

namespace mtask {

using detail::promise_base;
using detail::this_loop;
using detail::this_scheduler;

namespace {

std::int64_t since_epoch(sleep_awaiter::time_point time) noexcept {
  return time.time_since_epoch() / std::chrono::nanoseconds(1);
}

bool parked(const promise_base& task) noexcept { return dynamic_cast<switch_awaiter*>(task.waiting) != nullptr; }

}  // namespace

sleep_awaiter sleep_for(std::chrono::nanoseconds duration) noexcept {
  const auto now = std::chrono::steady_clock::now();
  const auto most = sleep_awaiter::time_point::max() - now;
  return sleep_awaiter(duration < most ? now + duration : sleep_awaiter::time_point::max());
}

void sleep_awaiter::await_suspend(std::coroutine_handle<>) {
  this_loop().timers.add({since_epoch(deadline_), this_scheduler->current});
  park();
}

bool sleep_awaiter::cancel(promise_base& task) noexcept {
  this_loop().timers.cancel({since_epoch(deadline_), &task});
  return true;
}

task_ref::task_ref(promise_base& task)
    : anchor_(task.anchor != nullptr ? task.anchor->shared_from_this() : std::make_shared<detail::task_anchor>(task)) {}

std::string task_ref::name() const { return alive() ? task()->spawned_as->name : std::string(); }

bool switch_awaiter::await_ready() const {
  if (detail::cancel_requested()) return true;
  if (to_any_) return false;
  if (!to_.alive()) throw std::logic_error("switch_to: the task has ended");
  const promise_base& target = *to_.task();
  if (target.waiting != nullptr && !parked(target)) {
    throw std::logic_error("switch_to: task '" + to_.name() + "' waits: " + target.waiting->what());
  }
  return &target == this_scheduler->current;
}

void switch_awaiter::await_suspend(std::coroutine_handle<>) {
  park();
  if (to_any_) return;
  auto& ready = this_scheduler->ready;
  if (to_.task()->waiting == nullptr) ready.erase(std::find(ready.begin(), ready.end(), to_.task()));
  to_.task()->waiting = nullptr;
  ready.push_front(to_.task());
}

std::string switch_awaiter::what() const {
  if (to_any_) return "park";
  return to_.alive() ? "a switch back, from '" + to_.name() + "' or another" : "a switch back";
}

void unpark(const task_ref& task) {
  if (task.alive() && parked(*task.task())) task.task()->wake();
}

std::string detail::describe(const char* what, const std::string& name, const char* action) {
  std::string text = what;
  if (!name.empty()) text += " '" + name + "'";
  if (*action != '\0') text += std::string(" ") + action;
  return text;
}

}  // namespace mtask
