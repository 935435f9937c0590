// The awaitables that need the loop's insides, in their non-inline parts.

#include <limits>
#include <stdexcept>
#include <utility>

#include "coro/loop_state.hpp"
#include "mtask/sleep.hpp"
#include "mtask/switch.hpp"
#include "mtask/wait_list.hpp"

namespace mtask {

using detail::promise_base;
using detail::task_access;
using detail::this_loop;
using detail::this_scheduler;

namespace {

std::int64_t since_epoch(sleep_awaiter::time_point time) noexcept {
  return time.time_since_epoch() / std::chrono::nanoseconds(1);
}

bool parked(const promise_base& task) noexcept {
  return dynamic_cast<switch_awaiter*>(task_access::waiting(task)) != nullptr;
}

std::string quoted(const promise_base& task) { return "task '" + task_access::label_of(task).name + "'"; }

}  // namespace

sleep_awaiter sleep_for(std::chrono::nanoseconds duration) noexcept {
  const auto now = std::chrono::steady_clock::now();
  const auto most = sleep_awaiter::time_point::max() - now;
  return sleep_awaiter(duration < most ? now + duration : sleep_awaiter::time_point::max());
}

void sleep_awaiter::await_suspend(std::coroutine_handle<>) {
  this_loop().timers.add({since_epoch(deadline_), this_scheduler->current});
  task_access::park(*this);
}

bool sleep_awaiter::cancel(promise_base& task) noexcept {
  this_loop().timers.cancel({since_epoch(deadline_), &task});
  return true;
}

task_ref::task_ref(promise_base& task) {
  std::shared_ptr<promise_base*>& slot = this_loop().refs[&task];
  if (!slot) slot = std::make_shared<promise_base*>(&task);
  slot_ = slot;
  task_access::refer(task);
}

std::string task_ref::name() const { return alive() ? task_access::label_of(**slot_).name : std::string(); }

void detail::forget_refs(const promise_base& task) noexcept {
  const auto found = this_loop().refs.find(&task);
  *found->second = nullptr;
  this_loop().refs.erase(found);
}

bool switch_awaiter::await_ready() const {
  if (detail::cancel_requested()) return true;
  if (to_any_) return false;
  if (!to_.alive()) throw std::logic_error("switch_to: the task has ended");
  promise_base& target = **to_.slot_;
  if (&target == this_scheduler->current) return true;
  if (task_access::waiting(target) != nullptr && !parked(target)) {
    throw std::logic_error("switch_to: " + quoted(target) + " waits: " + task_access::waiting(target)->what());
  }
  return false;
}

void switch_awaiter::await_suspend(std::coroutine_handle<>) {
  task_access::park(*this);
  if (to_any_) return;
  promise_base* const target = *to_.slot_;
  if (task_access::waiting(*target) != nullptr) {
    task_access::stop_waiting(*target);
  } else {
    this_scheduler->ready.remove_if([&](const promise_base* task) { return task == target; });
  }
  this_scheduler->handover = target;
}

std::string switch_awaiter::what() const {
  if (to_any_) return "park";
  return to_.alive() ? "a switch back, from '" + to_.name() + "' or another" : "a switch back";
}

void unpark(const task_ref& task) {
  if (task.alive() && task_access::waiting(**task.slot_) != nullptr && parked(**task.slot_)) {
    task_access::wake(**task.slot_);
  }
}

std::string detail::describe(const char* what, const std::string& name, const char* action) {
  std::string text = what;
  if (!name.empty()) text += " '" + name + "'";
  if (*action != '\0') text += std::string(" ") + action;
  return text;
}

}  // namespace mtask
