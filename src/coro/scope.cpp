#include "mtask/scope.hpp"

#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "coro/loop_state.hpp"
#include "coro/scope_tree.hpp"
#include "mtask/when.hpp"

namespace mtask {

using detail::label;
using detail::promise_base;
using detail::task_access;
using detail::this_scheduler;

namespace {

scope* running_scope() {
  if (this_scheduler == nullptr) throw std::logic_error("a scope is made outside of a running loop");
  if (this_scheduler->current == nullptr) return detail::this_loop().root;
  return task_access::scope_of(*this_scheduler->current);
}

void release(label* of) noexcept {
  if (of != nullptr && --of->uses == 0) delete of;
}

bool same_place(const source_location& a, const source_location& b) noexcept {
  return a.line() == b.line() && (a.file_name() == b.file_name() || std::strcmp(a.file_name(), b.file_name()) == 0);
}

}  // namespace

scope::scope(std::string name) : scope(std::move(name), running_scope()) {}

scope::scope(std::string name, scope* parent) noexcept
    : name_(std::move(name)), parent_(parent), exceptions_(std::uncaught_exceptions()) {
  if (parent == nullptr) return;
  cancelled_ = parent->cancelled_;
  next_ = std::exchange(parent->first_inner_, this);
  if (next_ != nullptr) next_->previous_ = this;
}

scope::~scope() {
  if (live_ > 0) {
    if (!this_scheduler->tidying && std::uncaught_exceptions() <= exceptions_) {
      std::fprintf(stderr, "mtask: scope '%s' ends with %zu living tasks: co_await its join() before\n", name_.c_str(),
                   live_);
      std::terminate();
    }
    destroy_tasks();
  }
  release(label_);
  if (parent_ == nullptr) return;
  (previous_ != nullptr ? previous_->next_ : parent_->first_inner_) = next_;
  if (next_ != nullptr) next_->previous_ = previous_;
}

label& scope::label_for(std::string_view name, source_location where) {
  if (label_ == nullptr || label_->name != name || !same_place(label_->where, where)) {
    auto* const fresh = new label{1, std::string(name), where};
    release(std::exchange(label_, fresh));
  }
  return *label_;
}

spawned scope::spawn(task<void> task, std::string_view name, source_location where) {
  if (!task) throw std::logic_error("an empty task is spawned");
  label& named = label_for(name, where);
  promise_base* const first = task_access::release(task);
  try {
    this_scheduler->ready.push(first);
  } catch (...) {
    first->handle().destroy();
    throw;
  }
  ++named.uses;
  ++live_;
  first->label_ = &named;
  first->scope_ = this;
  first->previous_ = std::exchange(last_, first);
  (first->previous_ != nullptr ? first->previous_->next_ : first_) = first;
  return spawned(*first);
}

void scope::unlink(promise_base& task) noexcept {
  (task.previous_ != nullptr ? task.previous_->next_ : first_) = task.next_;
  (task.next_ != nullptr ? task.next_->previous_ : last_) = task.previous_;
  --live_;
  release(task.label_);
  if (task.referenced_) detail::forget_refs(task);
}

void scope::ended(promise_base& task, std::exception_ptr error, bool by_cancel) {
  unlink(task);
  task_access::destroy(task);
  if (error && !(by_cancel && cancelled_)) fail(std::move(error));
  if (live_ == 0 && joiner_ != nullptr) task_access::wake(*std::exchange(joiner_, nullptr));
}

void scope::fail(std::exception_ptr error) {
  if (!error_) error_ = std::move(error);
  cancel();
}

void scope::cancel() {
  each_scope([](scope& one) {
    if (std::exchange(one.cancelled_, true)) return;
    one.stop_.request_stop();
    one.wake_tasks();
  });
}

void scope::wake_tasks() {
  for (promise_base* task = first_; task != nullptr; task = task->next_) {
    if (task->waiting_ != nullptr && task->waiting_->cancel(*task)) task_access::wake(*task);
  }
}

std::stop_token scope::stop_token() {
  if (!stop_.stop_possible()) {
    stop_ = std::stop_source();
    if (cancelled_) stop_.request_stop();
  }
  return stop_.get_token();
}

// First each leaves what it waits for, so that none is woken by another's end; then they go.
void scope::destroy_tasks() noexcept {
  const bool before = std::exchange(this_scheduler->tidying, true);
  while (first_ != nullptr) {
    for (promise_base* task = first_; task != nullptr; task = task->next_) {
      if (task->waiting_ != nullptr) task->waiting_->drop(*task);
      task->waiting_ = nullptr;
      if (task->referenced_) detail::forget_refs(*task);
      task->referenced_ = false;
    }
    this_scheduler->ready.remove_if([this](const promise_base* task) { return task->scope_ == this; });
    last_ = nullptr;
    for (promise_base* task = std::exchange(first_, nullptr); task != nullptr;) {
      promise_base* const next = task->next_;
      release(task->label_);
      --live_;
      task_access::destroy(*task);
      task = next;
    }
  }
  this_scheduler->tidying = before;
}

void scope::finish_join() {
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  detail::throw_if_cancelled();
}

void scope::join_awaiter::await_suspend(std::coroutine_handle<>) {
  if (scope_.joiner_ != nullptr) throw std::logic_error("a second task joins scope '" + scope_.name_ + "'");
  scope_.joiner_ = this_scheduler->current;
  task_access::park(*this);
}

// The scope is inside of the cancelled one, or of another one's tasks.
bool scope::join_awaiter::cancel(promise_base&) noexcept {
  if (!scope_.cancelled_) scope_.cancel();
  return false;
}

void detail::spawn_part(scope& in, task<> work, std::size_t index) {
  const label& whole = task_access::label_of(*this_scheduler->current);
  in.spawn(std::move(work), whole.name + '[' + std::to_string(index) + ']', whole.where);
}

}  // namespace mtask
