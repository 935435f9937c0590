#pragma once
// offload(f): calls what would block the loop on a helper thread.
//
//   const auto look_up = [host] { return resolve(host); };   // named first: see task.hpp on temporaries
//   Address address = co_await offload(look_up);
//
// Value and exception of f come out. f is copied into the task and must not touch what belongs to the loop's thread. A
// loop has up to 8 helper threads, begun as needed, and joins them at its end. A cancelled task waits for an f that has
// begun and then throws `cancelled`, as f may use what the task owns; one that has not begun is dropped. Helper threads
// block all signals.

#include <coroutine>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "mtask/scheduler.hpp"
#include "mtask/scope.hpp"
#include "mtask/task.hpp"

namespace mtask {
namespace detail {

struct offload_job;

// Waits until a helper thread has called `work`, which must not throw and must stay where it is.
class offload_awaiter final : public wait {
 public:
  explicit offload_awaiter(std::function<void()>& work) noexcept : work_(work) {}
  ~offload_awaiter() = default;
  [[nodiscard]] bool await_ready();
  void await_suspend(std::coroutine_handle<>) noexcept;
  void await_resume() const { throw_if_cancelled(); }
  bool cancel(promise_base& task) noexcept override;
  void drop(promise_base& task) noexcept override;
  [[nodiscard]] std::string what() const override { return "offloaded function"; }

 private:
  std::function<void()>& work_;
  std::shared_ptr<offload_job> job_;
};

}  // namespace detail

template <class F>
task<std::invoke_result_t<F&>> offload(F f) {
  using Value = std::invoke_result_t<F&>;
  std::optional<detail::stored<Value>> value;
  std::exception_ptr error;
  std::function<void()> work = [&] {
    try {
      if constexpr (std::is_void_v<Value>) {
        f();
      } else if constexpr (std::is_reference_v<Value>) {
        value.emplace(std::addressof(f()));
      } else {
        value.emplace(f());
      }
    } catch (...) {
      error = std::current_exception();
    }
  };
  co_await detail::offload_awaiter(work);
  if (error) std::rethrow_exception(std::exchange(error, nullptr));
  if constexpr (std::is_reference_v<Value>) {
    co_return static_cast<Value>(**value);
  } else if constexpr (!std::is_void_v<Value>) {
    co_return *std::move(value);
  }
}

}  // namespace mtask
