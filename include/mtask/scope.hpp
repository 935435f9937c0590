#pragma once
// scope: tasks that run side by side, and end before whoever began them goes on.
//
//   task<> visit(std::vector<std::string> hosts) {
//     scope s("visit");
//     for (const std::string& host : hosts) s.spawn(ask(host), host);
//     co_await s.join();
//   }
//
// Every task belongs to a scope, and every scope to the task that made it: nothing runs on unseen. The first exception
// of a spawned task cancels the others, and join() throws it after all have ended. The task that made the scope is not
// among them: it hears of the failure by join() alone, so what else it waits for meanwhile (a channel that the failed
// one was to fill) has to end without that. Cancelling reaches the scopes inside.
//
// A scope is made in a task of a running loop and destroyed after its join(). Where an exception, or the end of the
// loop, takes it away earlier, its tasks are destroyed where they stand: their locals' destructors run, their handlers
// don't. So declare what the tasks use before the scope; with_scope() joins on these paths, too. A scope that is left
// in the normal way with living tasks is a bug, and ends the program by std::terminate(), as std::thread does; so is
// one that outlives the task that made it.
//
// Belongs to the loop's thread. Scopes in scopes are destroyed recursively.

#include <coroutine>
#include <cstddef>
#include <exception>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include "mtask/scheduler.hpp"
#include "mtask/task.hpp"

namespace mtask {

class task_ref;

// A task that was just spawned. Of use until the spawning task waits.
class spawned {
 public:
  explicit spawned(detail::promise_base& task) noexcept : task_(&task) {}
  [[nodiscard]] task_ref ref() const;  // switch.hpp

 private:
  detail::promise_base* task_;
};

class scope {
 public:
  // The name is for reports. std::logic_error outside of a running loop.
  explicit scope(std::string name = {});
  ~scope();
  scope(const scope&) = delete;
  scope& operator=(const scope&) = delete;

  // The task begins when the running one waits. Its frame is all that is kept for it: 100 to 200 bytes for a small one.
  // Equal names and places of tasks spawned one after the other are kept once. Of a cancelled scope it ends at its
  // first co_await. std::logic_error for a task that is empty or has ended.
  spawned spawn(task<void> task, std::string_view name = {}, source_location where = source_location::current());

  // `co_await s.join()`: waits until all tasks have ended; then throws the first exception of one, or `cancelled` when
  // the joining task was cancelled. One task at a time may join. Afterwards the scope is as new.
  class join_awaiter;
  [[nodiscard]] join_awaiter join() noexcept;

  // What its tasks wait for throws `cancelled`; the tasks end by that, or as they like. No error for join().
  void cancel();
  [[nodiscard]] bool is_cancelled() const noexcept { return cancelled_; }
  [[nodiscard]] std::stop_token stop_token();
  [[nodiscard]] std::size_t size() const noexcept { return live_; }  // living tasks
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

 private:
  friend class event_loop;
  scope(std::string name, scope* parent) noexcept;
  detail::label& label_for(std::string_view name, source_location where);
  void ended(detail::promise_base& task, std::exception_ptr error, bool by_cancel);
  void fail(std::exception_ptr error);
  void destroy_tasks() noexcept;
  void finish_join();
  template <class Visit>
  void each_scope(Visit visit);
  [[nodiscard]] std::string deadlock_report();

  std::string name_;
  scope* parent_;
  scope* first_inner_ = nullptr;
  scope* previous_ = nullptr;  // in the parent
  scope* next_ = nullptr;
  detail::promise_base* first_ = nullptr;  // living tasks, as they were spawned
  detail::promise_base* last_ = nullptr;
  detail::label* label_ = nullptr;  // of the last task
  detail::promise_base* joiner_ = nullptr;
  std::exception_ptr error_;
  std::stop_source stop_{std::nostopstate};
  std::size_t live_ = 0;
  int exceptions_;  // under way when it was made
  bool cancelled_ = false;
};

class scope::join_awaiter final : public detail::wait {
 public:
  explicit join_awaiter(scope& joined) noexcept : scope_(joined) {}
  [[nodiscard]] bool await_ready() const noexcept { return scope_.live_ == 0; }
  void await_suspend(std::coroutine_handle<> handle);
  void await_resume() const { scope_.finish_join(); }
  bool cancel(detail::promise_base& task) noexcept override;
  void drop(detail::promise_base&) noexcept override { scope_.joiner_ = nullptr; }
  [[nodiscard]] std::string what() const override { return "join of scope '" + scope_.name_ + "'"; }

 private:
  scope& scope_;
};
inline scope::join_awaiter scope::join() noexcept { return join_awaiter(*this); }

namespace detail {

// The running task is cancelled.
[[nodiscard]] inline bool cancel_requested() noexcept { return this_scheduler->current->spawned_in->is_cancelled(); }
inline void throw_if_cancelled() {
  if (cancel_requested()) throw cancelled();
}
inline bool wait::await_ready() const noexcept { return cancel_requested(); }
inline void wait::await_resume() const { throw_if_cancelled(); }

}  // namespace detail

// Runs `body(scope&)`, which returns a task<>, and joins on every path. What the body throws cancels the scope's tasks,
// and comes out after they have ended. The body is kept until then, so it may be a lambda with captures:
//   const auto body = [&](scope& s) -> task<> { s.spawn(serve(socket)); co_await client(socket); };
//   co_await with_scope("both", body);
template <class Body>
task<> with_scope(std::string name, Body body) {
  scope inner(name);
  std::exception_ptr error;
  try {
    co_await std::invoke(body, inner);
  } catch (...) {
    error = std::current_exception();
  }
  if (error) inner.cancel();
  try {
    co_await inner.join();
  } catch (...) {
    if (!error) error = std::current_exception();
  }
  if (error) std::rethrow_exception(error);
}

// co_awaiting these does not wait.
namespace this_task {

struct name_awaiter : std::suspend_never {
  [[nodiscard]] std::string_view await_resume() const noexcept {
    return detail::this_scheduler->current->spawned_as->name;
  }
};
// Valid as long as the task.
[[nodiscard]] inline name_awaiter name() noexcept { return {}; }

struct stop_token_awaiter : std::suspend_never {
  [[nodiscard]] std::stop_token await_resume() const {
    return detail::this_scheduler->current->spawned_in->stop_token();
  }
};
// For what is called without co_await; it may be given to other threads.
[[nodiscard]] inline stop_token_awaiter stop_token() noexcept { return {}; }

}  // namespace this_task
}  // namespace mtask
