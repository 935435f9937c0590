#pragma once
// What tasks, awaitables and the event loop have in common. A program includes task.hpp, event_loop.hpp and their like;
// who writes an awaitable of his own derives from `detail::wait`, and includes scope.hpp.
//
// All of it belongs to the one thread that runs the loop.

#include <coroutine>
#include <cstddef>
#include <deque>
#include <exception>
#include <string>

namespace mtask {

class event_loop;
class scope;

// A place in the source: of std::source_location, which clang 14 has not, what reports need.
struct source_location {
  const char* file = "";
  unsigned line = 0;
  static constexpr source_location current(const char* file = __builtin_FILE(),
                                           unsigned line = __builtin_LINE()) noexcept {
    return {file, line};
  }
};

// Comes out of a co_await in a task that was cancelled. No std::exception on purpose: `catch (const std::exception&)`
// is for failures and must not keep a cancelled task alive. Cancelling stays: every later co_await of that task throws
// it, too, so what a task does after catching it must not wait.
class cancelled final {};

namespace detail {

struct promise_base;

// What a parked task waits for: the base of awaiters. Lives in the coroutine that awaits it.
class wait {
 public:
  wait() = default;
  wait(const wait&) = delete;
  wait& operator=(const wait&) = delete;

  // A cancelled task does not wait; await_resume() then throws.
  [[nodiscard]] inline bool await_ready() const noexcept;
  inline void await_resume() const;

  // The parked task is cancelled. True: it waits no more, and the caller makes it ready; its await_resume() throws.
  // False: what it waits for comes soon anyway and must be waited for.
  virtual bool cancel(promise_base& task) noexcept = 0;
  // The task's coroutines are about to be destroyed.
  virtual void drop(promise_base& task) noexcept { static_cast<void>(cancel(task)); }
  // For reports: "channel 'x' receive".
  [[nodiscard]] virtual std::string what() const = 0;

 protected:
  ~wait() = default;
  // The running task waits for this; for await_suspend().
  inline void park() noexcept;
};

// Brings the frame of a task that is soon to run into the cache. It begins a little before the promise, and is seldom
// more than three lines long.
inline void fetch(const promise_base* task) noexcept {
  const char* const frame = reinterpret_cast<const char*>(task) - 2 * sizeof(void*);
  for (int line = 0; line < 3; ++line) __builtin_prefetch(frame + line * 64, 1);
}

// The part of the loop that awaitables touch.
struct scheduler {
  promise_base* current = nullptr;  // the task that runs: its first coroutine
  promise_base* next = nullptr;     // set while a coroutine suspends: the same task goes on with this one
  bool over = false;                // set while a coroutine suspends: the task has ended
  bool tidying = false;             // coroutines are destroyed where they stand
  std::exception_ptr in_flight;     // on its way out of a coroutine that has ended
  std::deque<promise_base*> ready;  // tasks, in the order in which they will run
  event_loop* loop = nullptr;
};

// The scheduler of the loop that runs on this thread; null outside of run().
inline constinit thread_local scheduler* this_scheduler = nullptr;

}  // namespace detail
}  // namespace mtask
