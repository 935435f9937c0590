#pragma once
// Handing the processor directly from task to task, as greenlets do.
//
//   task_ref self = co_await this_task::ref();
//   co_await switch_to(other);   // `other` runs at once; this task goes on when somebody switches back to it
//
// Where a task that was switched to ends, by an exception, too, the loop goes on with what is ready; who switched to it
// stays parked until somebody else switches to it or unparks it. Tasks that only switch to each other let no others
// run.

#include <coroutine>
#include <memory>
#include <string>
#include <utility>

#include "mtask/scheduler.hpp"
#include "mtask/scope.hpp"
#include "mtask/task.hpp"

namespace mtask {

// Names a task, and knows when it has ended. Cheap to copy. Belongs to the loop's thread.
class task_ref {
 public:
  task_ref() noexcept = default;
  // Of a task of the loop that runs.
  explicit task_ref(detail::promise_base& task);
  [[nodiscard]] bool alive() const noexcept { return task() != nullptr; }
  [[nodiscard]] std::string name() const;  // empty for one that has ended
  friend bool operator==(const task_ref&, const task_ref&) noexcept = default;

 private:
  friend class switch_awaiter;
  friend void unpark(const task_ref& task);
  [[nodiscard]] detail::promise_base* task() const noexcept { return anchor_ ? anchor_->task : nullptr; }
  std::shared_ptr<detail::task_anchor> anchor_;
};

class switch_awaiter final : public detail::wait {
 public:
  switch_awaiter(task_ref to, bool to_any) noexcept : to_(std::move(to)), to_any_(to_any) {}
  [[nodiscard]] bool await_ready() const;
  void await_suspend(std::coroutine_handle<>);
  bool cancel(detail::promise_base&) noexcept override { return true; }
  [[nodiscard]] std::string what() const override;

 private:
  task_ref to_;
  bool to_any_;
};

// `co_await switch_to(task)`: the task must be parked, here or by park(), or ready, which a new one is; otherwise, or
// when it has ended, std::logic_error. To oneself: goes on at once. Throws `cancelled` in a cancelled task.
[[nodiscard]] inline switch_awaiter switch_to(task_ref task) noexcept { return switch_awaiter(std::move(task), false); }

// `co_await park()`: until somebody switches to this task, or unparks it.
[[nodiscard]] inline switch_awaiter park() noexcept { return switch_awaiter({}, true); }

// Makes a parked task ready; one that is not parked is left alone.
void unpark(const task_ref& task);

inline task_ref spawned::ref() const { return task_ref(*task_); }

namespace this_task {

struct ref_awaiter : std::suspend_never {
  [[nodiscard]] task_ref await_resume() const { return task_ref(*detail::this_scheduler->current); }
};
[[nodiscard]] inline ref_awaiter ref() noexcept { return {}; }

}  // namespace this_task
}  // namespace mtask
