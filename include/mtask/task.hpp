#pragma once
// task<T>: a coroutine that may wait.
//
//   task<int> answer() {
//     co_await sleep_for(1s);
//     co_return 42;
//   }
//   int n = event_loop().run(answer());
//
// Lazy: nothing runs before it is awaited, spawned in a scope (scope.hpp) or given to event_loop::run(). Awaiting runs
// it as part of the awaiting task, with its name and its cancelling; its value or exception comes out of the co_await.
// It is awaited once: `co_await f()` or `co_await std::move(t)`.
//
// A coroutine never resumes another one: both suspend to the loop, which goes on with the right one. So chains of any
// length and recursion of any depth need no stack, whatever the compiler makes of tail calls; ending a task half-way
// destroys its coroutines from the innermost one outwards, by a loop as well.
//
// g++ 12 destroys some temporaries of a co_await expression twice (lambdas with captures, braced aggregates, results of
// ?:). Give them a name before the co_await. Lambdas that are coroutines must not capture: their captures die with the
// lambda, not with the coroutine. Take parameters by value.

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "mtask/scheduler.hpp"

namespace mtask {

template <class T = void>
class task;

namespace detail {

class task_base;

// What all tasks have in common. Of a task's coroutines the first one, which was spawned, stands for it.
class promise_base {
 public:
  promise_base() noexcept = default;
  promise_base(const promise_base&) = delete;
  promise_base& operator=(const promise_base&) = delete;

  class final_awaiter {
   public:
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> handle) noexcept {
      promise_base* const ended = &handle.promise();
      if (this_scheduler->current == ended) {
        this_scheduler->over = true;
      } else {
        this_scheduler->next = ended->parent_;
      }
    }
    void await_resume() const noexcept {}
  };
  std::suspend_always initial_suspend() const noexcept { return {}; }
  final_awaiter final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { this_scheduler->in_flight = std::current_exception(); }

  // Every promise begins with its base at the same place in the frame; store() refuses what is aligned more.
  [[nodiscard]] std::coroutine_handle<> handle() noexcept {
    return std::coroutine_handle<promise_base>::from_promise(*this);
  }

 protected:
  ~promise_base() = default;

 private:
  friend class mtask::scope;
  friend class mtask::event_loop;
  friend class task_base;
  friend struct task_access;

  // Laid out to be small, as there may be millions. A field of the first coroutine, then one of the others.
  union {
    mtask::scope* scope_ = nullptr;  // where it was spawned
    promise_base* parent_;           // who awaits it
  };
  union {
    promise_base* previous_ = nullptr;  // in the scope
    task_base* owner_;                  // in the parent's frame
  };
  promise_base* next_ = nullptr;  // in the scope
  promise_base* leaf_ = this;     // who is to be resumed
  label* label_ = nullptr;
  wait* waiting_ = nullptr;  // null: it runs or is ready
  bool referenced_ = false;  // there is a task_ref of it
};

template <class T>
using stored = std::conditional_t<std::is_void_v<T>, std::monostate,
                                  std::conditional_t<std::is_reference_v<T>, std::remove_reference_t<T>*, T>>;

template <class T>
class promise final : public promise_base {
 public:
  task<T> get_return_object() noexcept;
  template <class Value = T>
  requires std::is_constructible_v<T, Value>
  void return_value(Value&& value) {
    static_assert(alignof(stored<T>) <= 2 * sizeof(void*), "values that are aligned more are not supported");
    if constexpr (std::is_reference_v<T>) {
      value_.emplace(std::addressof(value));
    } else {
      value_.emplace(std::forward<Value>(value));
    }
  }
  T take() {
    if constexpr (std::is_reference_v<T>) {
      return static_cast<T>(**value_);
    } else {
      return *std::move(value_);
    }
  }

 private:
  std::optional<stored<T>> value_;
};

template <>
class promise<void> final : public promise_base {
 public:
  task<void> get_return_object() noexcept;
  void return_void() const noexcept {}
  void take() const noexcept {}
};

// Owns a coroutine that has not been handed to anybody.
class task_base {
 public:
  task_base(task_base&& other) noexcept : promise_(std::exchange(other.promise_, nullptr)) {}
  task_base& operator=(task_base&& other) noexcept {
    if (this != &other) reset(std::exchange(other.promise_, nullptr));
    return *this;
  }
  ~task_base() { reset(nullptr); }
  // False when it is empty: default, moved from or spawned.
  explicit operator bool() const noexcept { return promise_ != nullptr; }

 protected:
  task_base() noexcept = default;
  explicit task_base(promise_base& promise) noexcept : promise_(&promise) {}

  // Lets the coroutine run next as part of the task of `parent`, which suspends.
  void begin(promise_base& parent) noexcept {
    promise_->parent_ = &parent;
    promise_->owner_ = this;
    this_scheduler->next = promise_;
  }
  [[nodiscard]] promise_base* get() const noexcept { return promise_; }

 private:
  friend struct task_access;
  void reset(promise_base* other) noexcept {
    promise_base* const old = std::exchange(promise_, other);
    if (old != nullptr) old->handle().destroy();
  }
  promise_base* promise_ = nullptr;
};

// What the library's own awaitables do with tasks.
struct task_access {
  [[nodiscard]] static promise_base* release(task_base& task) noexcept { return std::exchange(task.promise_, nullptr); }
  [[nodiscard]] static scope* scope_of(const promise_base& task) noexcept { return task.scope_; }
  [[nodiscard]] static const label& label_of(const promise_base& task) noexcept { return *task.label_; }
  [[nodiscard]] static wait* waiting(const promise_base& task) noexcept { return task.waiting_; }
  static void refer(promise_base& task) noexcept { task.referenced_ = true; }
  // The running task waits for `what`.
  static void park(wait& what) noexcept { this_scheduler->current->waiting_ = &what; }
  static void stop_waiting(promise_base& task) noexcept { task.waiting_ = nullptr; }
  // A parked task waits no more.
  static void wake(promise_base& task) {
    task.waiting_ = nullptr;
    this_scheduler->ready.push(&task);
  }
  static void destroy(promise_base& task) noexcept {
    for (promise_base* leaf = task.leaf_; leaf != &task;) {
      promise_base* const parent = leaf->parent_;
      static_cast<void>(release(*leaf->owner_));
      leaf->handle().destroy();
      leaf = parent;
    }
    task.handle().destroy();
  }
};

inline void rethrow_in_flight() {
  if (this_scheduler->in_flight) std::rethrow_exception(std::exchange(this_scheduler->in_flight, nullptr));
}

}  // namespace detail

template <class T>
class [[nodiscard]] task : public detail::task_base {
 public:
  using value_type = T;
  using promise_type = detail::promise<T>;

  task() noexcept = default;

  class awaiter {
   public:
    explicit awaiter(task& awaited) noexcept : task_(awaited) {}
    [[nodiscard]] bool await_ready() const {
      if (!task_) throw std::logic_error("an empty task is awaited");
      return false;
    }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> parent) noexcept {
      static_assert(std::is_base_of_v<detail::promise_base, Promise>, "tasks are awaited by tasks");
      task_.begin(parent.promise());
    }
    T await_resume() {
      detail::rethrow_in_flight();
      return static_cast<promise_type*>(task_.get())->take();
    }

   private:
    task& task_;
  };
  [[nodiscard]] awaiter operator co_await() && noexcept { return awaiter(*this); }

 private:
  friend promise_type;
  explicit task(promise_type& promise) noexcept : task_base(promise) {}
};

namespace detail {

template <class T>
task<T> promise<T>::get_return_object() noexcept {
  return task<T>(*this);
}
inline task<void> promise<void>::get_return_object() noexcept { return task<void>(*this); }

}  // namespace detail
}  // namespace mtask
