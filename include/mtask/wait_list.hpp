#pragma once
// Tasks that wait in a row for the same thing: what channel.hpp and sync.hpp are made of.

#include <coroutine>
#include <string>
#include <utility>

#include "mtask/scheduler.hpp"
#include "mtask/scope.hpp"
#include "mtask/task.hpp"

namespace mtask::detail {

class queued_wait;

class wait_list {
 public:
  wait_list() noexcept = default;
  // Who still waits is left to be cancelled or destroyed.
  ~wait_list();
  wait_list(const wait_list&) = delete;
  wait_list& operator=(const wait_list&) = delete;

  [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }
  [[nodiscard]] queued_wait* front() const noexcept { return first_; }
  // Takes the first one out and makes its task ready.
  void wake_front();

 private:
  friend class queued_wait;
  queued_wait* first_ = nullptr;
  queued_wait* last_ = nullptr;
};

// One of the row. The outcome is written by whoever takes it out.
class queued_wait : public wait {
 public:
  void await_suspend(std::coroutine_handle<>) noexcept {
    task_ = this_scheduler->current;
    previous_ = std::exchange(list_->last_, this);
    next_ = nullptr;
    (previous_ != nullptr ? previous_->next_ : list_->first_) = this;
    park();
  }
  bool cancel(promise_base&) noexcept final {
    if (list_ != nullptr) leave();
    return cancelled_ = true;
  }

 protected:
  explicit queued_wait(wait_list& list) noexcept : list_(&list) {}
  virtual ~queued_wait() = default;
  // For await_ready(): true when the task is cancelled, and need not wait.
  [[nodiscard]] bool cancelled_already() noexcept { return cancelled_ = cancel_requested(); }
  // For await_resume(). Who got what he waited for before he was cancelled keeps it.
  void throw_if_given_up() const {
    if (cancelled_) throw cancelled();
  }

 private:
  friend class wait_list;
  void leave() noexcept {
    (previous_ != nullptr ? previous_->next_ : list_->first_) = next_;
    (next_ != nullptr ? next_->previous_ : list_->last_) = previous_;
  }
  wait_list* list_;
  promise_base* task_ = nullptr;
  queued_wait* previous_ = nullptr;
  queued_wait* next_ = nullptr;
  bool cancelled_ = false;
};

inline wait_list::~wait_list() {
  for (queued_wait* at = first_; at != nullptr; at = at->next_) at->list_ = nullptr;
}
inline void wait_list::wake_front() {
  queued_wait& first = *first_;
  first.leave();
  first.task_->wake();
}

// "channel 'x' receive", "channel receive" without a name.
[[nodiscard]] std::string describe(const char* what, const std::string& name, const char* action);

}  // namespace mtask::detail
