#include "mtask/scope.hpp"

#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "coro/loop_state.hpp"
#include "mtask/when.hpp"

namespace mtask {

using detail::label;
using detail::promise_base;
using detail::this_scheduler;

namespace {

scope* running_scope() {
  if (this_scheduler == nullptr) throw std::logic_error("a scope is made outside of a running loop");
  if (this_scheduler->current == nullptr) return detail::this_loop().root;
  return this_scheduler->current->spawned_in;
}

void release(label* of) noexcept {
  if (of != nullptr && --of->uses == 0) delete of;
}

std::string reason(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& known) {
    return known.what();
  } catch (...) {
    return "by an exception that is no std::exception";
  }
}

[[noreturn]] void die(const std::string& why) noexcept {
  std::fprintf(stderr, "mtask: %s\n", why.c_str());
  std::terminate();
}

bool same_place(const source_location& a, const source_location& b) noexcept {
  return a.line == b.line && (a.file == b.file || std::strcmp(a.file, b.file) == 0);
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
    if (this_scheduler == nullptr || (!this_scheduler->tidying && std::uncaught_exceptions() <= exceptions_)) {
      die("scope '" + name_ + "' ends with living tasks: co_await its join() before");
    }
    destroy_tasks();
  }
  if (first_inner_ != nullptr) die("scope '" + first_inner_->name_ + "' outlives the task that made it");
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
  if (!task) throw std::logic_error("a task is spawned that is empty or has ended");
  label& named = label_for(name, where);
  promise_base::frame_ptr frame(std::move(task).release());
  this_scheduler->ready.push_back(frame.get());
  promise_base& first = *frame.release();
  ++named.uses;
  ++live_;
  first.spawned_as = &named;
  first.spawned_in = this;
  first.previous = std::exchange(last_, &first);
  (first.previous != nullptr ? first.previous->next : first_) = &first;
  return spawned(first);
}

void scope::ended(promise_base& task, std::exception_ptr error, bool by_cancel) {
  (task.previous != nullptr ? task.previous->next : first_) = task.next;
  (task.next != nullptr ? task.next->previous : last_) = task.previous;
  --live_;
  task.forget();
  release(task.spawned_as);
  task.destroy();
  if (error && !(by_cancel && cancelled_)) fail(std::move(error));
  if (live_ == 0 && joiner_ != nullptr) std::exchange(joiner_, nullptr)->wake();
}

void scope::fail(std::exception_ptr error) {
  if (!error_) error_ = std::move(error);
  cancel();
}

// From the outside inwards, without recursion. `visit` makes and destroys no scope.
template <class Visit>
void scope::each_scope(Visit visit) {
  for (scope* at = this;;) {
    visit(*at);
    if (at->first_inner_ != nullptr) {
      at = at->first_inner_;
      continue;
    }
    while (at != this && at->next_ == nullptr) at = at->parent_;
    if (at == this) return;
    at = at->next_;
  }
}

void scope::cancel() {
  each_scope([](scope& one) {
    if (std::exchange(one.cancelled_, true)) return;
    one.stop_.request_stop();
    for (promise_base* task = one.first_; task != nullptr; task = task->next) {
      if (task->waiting != nullptr && task->waiting->cancel(*task)) task->wake();
    }
  });
}

std::stop_token scope::stop_token() {
  if (!stop_.stop_possible()) {
    stop_ = std::stop_source();
    if (cancelled_) stop_.request_stop();
  }
  return stop_.get_token();
}

// First each leaves what it waits for, and is no task any more to those who refer to it, so that none is woken by
// another's end; then they go.
void scope::destroy_tasks() noexcept {
  const bool before = std::exchange(this_scheduler->tidying, true);
  // Their destructors may wait for threads that have the token.
  if (!before) each_scope([](const scope& one) { one.stop_.request_stop(); });
  while (first_ != nullptr) {
    for (promise_base* task = first_; task != nullptr; task = task->next) {
      if (task->waiting != nullptr) std::exchange(task->waiting, nullptr)->drop(*task);
      task->forget();
    }
    std::erase_if(this_scheduler->ready, [this](const promise_base* task) { return task->spawned_in == this; });
    last_ = nullptr;
    for (promise_base* task = std::exchange(first_, nullptr); task != nullptr;) {
      promise_base* const next = task->next;
      release(task->spawned_as);
      --live_;
      task->destroy();
      task = next;
    }
  }
  this_scheduler->tidying = before;
}

void scope::finish_join() {
  cancelled_ = parent_->cancelled_;
  if (!cancelled_) stop_ = std::stop_source(std::nostopstate);
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  detail::throw_if_cancelled();
}

void scope::join_awaiter::await_suspend(std::coroutine_handle<>) {
  if (scope_.joiner_ != nullptr) throw std::logic_error("a second task joins scope '" + scope_.name_ + "'");
  scope_.joiner_ = this_scheduler->current;
  park();
}

// The scope is inside of the cancelled one, or of another one's tasks.
bool scope::join_awaiter::cancel(promise_base&) noexcept {
  if (!scope_.cancelled_) scope_.cancel();
  return false;
}

// All tasks wait.
std::string scope::deadlock_report() {
  std::string lines;
  std::size_t count = 0;
  each_scope([&](const scope& in) {
    if (in.error_) lines += "\n  scope '" + in.name_ + "' has failed: " + reason(in.error_);
    for (const promise_base* task = in.first_; task != nullptr; task = task->next) {
      ++count;
      const auto& [uses, name, where] = *task->spawned_as;
      lines += "\n  '" + name + "'";
      if (in.parent_ != nullptr && !in.name_.empty()) lines += " of scope '" + in.name_ + "'";
      lines += " waits: " + task->waiting->what();
      if (*where.file != '\0') lines += std::string("; spawned at ") + where.file + ':' + std::to_string(where.line);
    }
  });
  return "deadlock: " + (count == 1 ? "1 task waits" : std::to_string(count) + " tasks wait") +
         " for what nothing can bring" + lines;
}

void detail::spawn_part(scope& in, task<> work, std::size_t index) {
  const label& whole = *this_scheduler->current->spawned_as;
  in.spawn(std::move(work), whole.name + '[' + std::to_string(index) + ']', whole.where);
}

}  // namespace mtask
