#pragma once
// offload(f): calls what would block the loop on a helper thread.
//
//   const auto look_up = [host] { return resolve(host); };   // named first: see task.hpp on temporaries
//   Address address = co_await offload(look_up);
//
// Value and exception of f come out; std::system_error when the system has no thread for it. f is copied into the task
// and must not touch what belongs to the loop's thread. Each call has a thread of its own, up to 8 of a loop at a time;
// the others wait for their turn. The loop waits for the end of that thread, too, with its thread_local variables. A
// cancelled task waits for an f that has begun and then throws `cancelled`, as f may use what the task owns; one that
// has not begun is dropped. These threads block all signals, and so do children that f begins unless they unblock them.

#include <coroutine>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>

#include "mtask/scheduler.hpp"
#include "mtask/sync.hpp"
#include "mtask/task.hpp"

namespace mtask {
namespace detail {

// The running task waits until a thread has called `work`, which must not throw.
class offload_awaiter final : public wait {
 public:
  explicit offload_awaiter(const std::function<void()>& work) noexcept : work_(work) {}
  void await_suspend(std::coroutine_handle<>);
  bool cancel(promise_base&) noexcept override { return false; }
  void drop(promise_base& task) noexcept override;
  [[nodiscard]] std::string what() const override { return "offloaded function"; }

 private:
  const std::function<void()>& work_;
  std::shared_ptr<promise_base*> waiting_;  // null when the task was destroyed
  std::jthread thread_;
};

// Of the running loop: a permit for each thread that it may have.
[[nodiscard]] semaphore& helper_threads() noexcept;

}  // namespace detail

template <class F>
task<std::invoke_result_t<F&>> offload(F f) {
  const semaphore::permit thread = co_await detail::helper_threads().acquire();
  detail::kept<std::invoke_result_t<F&>> result;
  std::exception_ptr error;
  const std::function<void()> work = [&] {
    try {
      result.set(f);
    } catch (...) {
      error = std::current_exception();
    }
  };
  co_await detail::offload_awaiter(work);
  if (error) std::rethrow_exception(std::exchange(error, nullptr));
  if constexpr (!std::is_void_v<std::invoke_result_t<F&>>) co_return result.take();
}

}  // namespace mtask
