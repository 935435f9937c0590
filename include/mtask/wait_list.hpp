#pragma once
// Tasks that wait in a row for the same thing: what channel.hpp and sync.hpp are made of.

#include <coroutine>
#include <string>

#include "mtask/scheduler.hpp"
#include "mtask/scope.hpp"
#include "mtask/task.hpp"

namespace mtask::detail {

class wait_list;

// One of the row. The outcome is written by whoever takes it out.
class queued_wait : public wait {
 public:
  bool cancel(promise_base& task) noexcept final;

 protected:
  explicit queued_wait(wait_list& list) noexcept : list_(&list) {}
  virtual ~queued_wait() = default;
  void enqueue() noexcept;
  // For await_ready(): true when the task is cancelled, and need not wait.
  [[nodiscard]] bool cancelled_already() noexcept {
    cancelled_ = cancel_requested();
    return cancelled_;
  }
  // For await_resume(). Who got what he waited for before he was cancelled keeps it.
  void throw_if_given_up() const {
    if (cancelled_) throw cancelled();
  }

 private:
  friend class wait_list;
  wait_list* list_;
  promise_base* task_ = nullptr;
  queued_wait* previous_ = nullptr;
  queued_wait* next_ = nullptr;
  bool cancelled_ = false;
};

class wait_list {
 public:
  wait_list() noexcept = default;
  // Who still waits is left to be cancelled or destroyed.
  ~wait_list() {
    for (queued_wait* at = first_; at != nullptr; at = at->next_) at->list_ = nullptr;
  }
  wait_list(const wait_list&) = delete;
  wait_list& operator=(const wait_list&) = delete;

  [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }
  [[nodiscard]] queued_wait* front() const noexcept { return first_; }
  // Takes the first one out and makes its task ready.
  void wake_front() {
    queued_wait& first = *first_;
    remove(first);
    task_access::wake(*first.task_);
  }

 private:
  friend class queued_wait;
  void push(queued_wait& last) noexcept {
    last.previous_ = last_;
    last.next_ = nullptr;
    (last_ != nullptr ? last_->next_ : first_) = &last;
    last_ = &last;
  }
  void remove(queued_wait& one) noexcept {
    (one.previous_ != nullptr ? one.previous_->next_ : first_) = one.next_;
    (one.next_ != nullptr ? one.next_->previous_ : last_) = one.previous_;
  }
  queued_wait* first_ = nullptr;
  queued_wait* last_ = nullptr;
};

inline void queued_wait::enqueue() noexcept {
  task_ = this_scheduler->current;
  list_->push(*this);
  task_access::park(*this);
}

inline bool queued_wait::cancel(promise_base&) noexcept {
  if (list_ != nullptr) list_->remove(*this);
  cancelled_ = true;
  return true;
}

// "channel 'x' receive", "channel receive" without a name.
[[nodiscard]] std::string describe(const char* what, const std::string& name, const char* action);

}  // namespace mtask::detail
