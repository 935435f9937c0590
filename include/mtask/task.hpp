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
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "mtask/scheduler.hpp"

namespace mtask {

template <class T = void>
class task;

namespace detail {

// Where and under what name a task was spawned; shared by tasks for which both are equal.
struct label {
  std::size_t uses = 0;
  std::string name;
  source_location where;
};

// What refers to a task knows by this when it has ended.
struct task_anchor : std::enable_shared_from_this<task_anchor> {
  explicit task_anchor(promise_base& of) noexcept;
  ~task_anchor();
  task_anchor(const task_anchor&) = delete;
  task_anchor& operator=(const task_anchor&) = delete;
  promise_base* task;
};

// What all tasks have in common. Of a task's coroutines the first one, which was spawned, stands for it. Owned by a
// frame_ptr; that of a task that was spawned by its scope.
struct promise_base {
  struct destroy_frame {
    void operator()(promise_base* promise) const noexcept { promise->handle().destroy(); }
  };
  using frame_ptr = std::unique_ptr<promise_base, destroy_frame>;

  promise_base() noexcept = default;
  promise_base(const promise_base&) = delete;
  promise_base& operator=(const promise_base&) = delete;

  struct final_awaiter : std::suspend_always {
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> handle) noexcept {
      promise_base* const ended = &handle.promise();
      if (this_scheduler->current == ended) {
        this_scheduler->over = true;
      } else {
        this_scheduler->next = ended->parent;
      }
    }
  };
  std::suspend_always initial_suspend() const noexcept { return {}; }
  final_awaiter final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { this_scheduler->in_flight = std::current_exception(); }

  // Every promise begins with its base at the same place in the frame; `kept` refuses what is aligned more.
  [[nodiscard]] std::coroutine_handle<> handle() noexcept {
    return std::coroutine_handle<promise_base>::from_promise(*this);
  }

  // Of the first coroutine: a parked task waits no more.
  void wake() {
    waiting = nullptr;
    this_scheduler->ready.push_back(this);
  }
  // For those who refer to it, it has ended.
  void forget() noexcept {
    if (anchor != nullptr) std::exchange(anchor, nullptr)->task = nullptr;
  }
  // Of the first coroutine: destroys all of the task's.
  void destroy() noexcept {
    while (leaf != this) frame_ptr(std::exchange(leaf, leaf->parent)->owner->release());
    handle().destroy();
  }

  // Laid out to be small, as there may be millions. A field of the first coroutine, then one of the others.
  union {
    mtask::scope* spawned_in = nullptr;
    promise_base* parent;  // who awaits it
  };
  union {
    promise_base* previous = nullptr;  // in the scope
    frame_ptr* owner;                  // in the parent's frame
  };
  promise_base* next = nullptr;  // in the scope
  promise_base* leaf = this;     // who is to be resumed
  label* spawned_as = nullptr;
  wait* waiting = nullptr;        // null: it runs or is ready
  task_anchor* anchor = nullptr;  // of those that refer to it

 protected:
  ~promise_base() { forget(); }
};

inline task_anchor::task_anchor(promise_base& of) noexcept : task(&of) { of.anchor = this; }
inline task_anchor::~task_anchor() {
  if (task != nullptr) task->anchor = nullptr;
}

inline void wait::park() noexcept { this_scheduler->current->waiting = this; }

// A T that is yet to come; a reference is kept as a pointer, void as a sign.
template <class T>
class kept {
 public:
  // Calls `make` for it.
  template <class Make>
  void set(Make&& make) {
    if constexpr (std::is_void_v<T>) {
      make();
      value_.emplace();
    } else if constexpr (std::is_reference_v<T>) {
      auto&& made = make();
      value_.emplace(std::addressof(made));
    } else {
      value_.emplace(make());
    }
  }
  template <class Value>
  void put(Value&& value) {
    set([&]() -> decltype(auto) { return std::forward<Value>(value); });
  }
  [[nodiscard]] bool has_value() const noexcept { return value_.has_value(); }
  T take() {
    if constexpr (std::is_reference_v<T>) {
      return static_cast<T>(**value_);
    } else if constexpr (!std::is_void_v<T>) {
      return *std::move(value_);
    }
  }

 private:
  using stored = std::conditional_t<std::is_void_v<T>, std::monostate,
                                    std::conditional_t<std::is_reference_v<T>, std::remove_reference_t<T>*, T>>;
  static_assert(alignof(stored) <= 2 * sizeof(void*), "values that are aligned more are not supported");
  std::optional<stored> value_;
};

template <class T>
struct promise final : promise_base {
  task<T> get_return_object() noexcept { return task<T>(*this); }
  template <class Value = T>
  requires std::is_constructible_v<T, Value>
  void return_value(Value&& value) { result.put(std::forward<Value>(value)); }
  T take() { return result.take(); }
  kept<T> result;
};

template <class T>
requires std::is_void_v<T>
struct promise<T> final : promise_base {
  task<T> get_return_object() noexcept { return task<T>(*this); }
  void return_void() const noexcept {}
  void take() const noexcept {}
};

}  // namespace detail

// Owns its coroutine until it is awaited to the end or handed to somebody. Move-only.
template <class T>
class [[nodiscard]] task {
 public:
  using value_type = T;
  using promise_type = detail::promise<T>;

  task() noexcept = default;
  explicit task(promise_type& promise) noexcept : frame_(&promise) {}
  // Whether it can be awaited or spawned: not when it is empty (default, moved from, spawned) or has ended.
  explicit operator bool() const noexcept { return frame_ && !frame_->handle().done(); }
  // For who runs it.
  [[nodiscard]] detail::promise_base* release() && noexcept { return frame_.release(); }

  class awaiter {
   public:
    explicit awaiter(task& awaited) : frame_(awaited.frame_) {
      if (!awaited) throw std::logic_error("a task is awaited that is empty or has ended");
    }
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> parent) noexcept {
      static_assert(std::is_base_of_v<detail::promise_base, Promise>, "tasks are awaited by tasks");
      frame_->parent = &parent.promise();
      frame_->owner = &frame_;
      detail::this_scheduler->next = frame_.get();
    }
    T await_resume() {
      std::exception_ptr& error = detail::this_scheduler->in_flight;
      if (error) std::rethrow_exception(std::exchange(error, nullptr));
      return static_cast<promise_type&>(*frame_).take();
    }

   private:
    detail::promise_base::frame_ptr& frame_;
  };
  [[nodiscard]] awaiter operator co_await() && { return awaiter(*this); }
  void operator co_await() & = delete;  // co_await std::move(task)

 private:
  detail::promise_base::frame_ptr frame_;
};

}  // namespace mtask
