#pragma once
// event_loop: runs tasks, on the thread that calls run(), until the one it was given and all that it spawned have
// ended.
//
//   int n = event_loop().run(answer());
//
// It watches descriptors by epoll, keeps the times of sleeping tasks, and takes what other threads post. It has no
// knowledge of other loops: each thread may run one.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "mtask/scheduler.hpp"
#include "mtask/task.hpp"

namespace mtask {

// Comes out of run() when tasks live and nothing can ever wake one. what() is the report, a line for each task: its
// name, what it waits for, where it was spawned; and one for each scope in which a task has failed, that nobody joins.
class deadlock : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

namespace detail {

struct loop_state;

template <class T>
task<> run_into(task<T> main, kept<T>& result) {
  if constexpr (std::is_void_v<T>) {
    co_await std::move(main);
    result.set([] {});
  } else {
    result.put(co_await std::move(main));
  }
}

}  // namespace detail

class event_loop {
 public:
  event_loop();  // std::system_error when the system gives no descriptors
  ~event_loop();
  event_loop(const event_loop&) = delete;
  event_loop& operator=(const event_loop&) = delete;

  // Runs `main`, as a task of that name, returns its value or throws what it threw. A request of `stop`, from any
  // thread, cancels it; when it ends by that, `cancelled` comes out. A token alone is nothing to wait for: see
  // expect_posts(). Also thrown: deadlock; std::system_error when the system fails the loop; std::logic_error when a
  // loop runs on this thread already, or this one on another. In any case no task is left.
  template <class T>
  T run(task<T> main, std::string_view name = "main", const std::stop_token& stop = {}) {
    detail::kept<T> result;
    run_main(detail::run_into(std::move(main), result), name, stop);
    if (!result.has_value()) throw cancelled();
    return result.take();
  }

  // The one that runs on this thread; std::logic_error where there is none.
  [[nodiscard]] static event_loop& current();

  // Calls `function` on the loop's thread, between tasks, in the order of the posts. Thread-safe; also before and after
  // run(), where the function waits for the next one. What it throws ends the run like a task's exception.
  void post(std::function<void()> function);

  // While it lives, tasks that all wait are no deadlock, as somebody outside is going to post. Belongs to the loop's
  // thread.
  class outside_work {
   public:
    explicit outside_work(event_loop& loop) noexcept;
    ~outside_work();
    outside_work(const outside_work&) = delete;
    outside_work& operator=(const outside_work&) = delete;

   private:
    event_loop& loop_;
  };
  [[nodiscard]] outside_work expect_posts() noexcept { return outside_work(*this); }

  // Called after a task has kept the loop from others for over 100 ms, with its name and how long. A hook costs two
  // looks at the clock for every resumption.
  using blocked_hook = std::function<void(std::string_view task, std::chrono::nanoseconds time)>;
  void on_blocked(blocked_hook hook);

 private:
  friend struct detail::loop_state;
  void run_main(task<> main, std::string_view name, const std::stop_token& stop);
  void turn();
  void run_task(detail::promise_base& task);
  void run_task_measured(detail::promise_base& task);
  void poll();
  [[nodiscard]] std::size_t due_at_once() noexcept;
  void wake_due(std::int64_t now);
  bool take_posts();
  void end_task(detail::promise_base& task);

  std::unique_ptr<detail::loop_state> state_;
};

}  // namespace mtask
