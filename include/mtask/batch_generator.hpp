#pragma once
// batch_generator<T>: a generator for many small values. It is written like a generator and read in spans:
//
//   batch_generator<double> ramp(double step) {
//     for (double x = 0;; x += step) co_yield x;
//   }
//   for (std::span<const double> some : ramp(0.1)) …   // up to 1024 values
//
// co_yield appends to a buffer and suspends only when that is full, so a value costs about what a store does. The
// price: the coroutine runs ahead of its reader by up to a batch.
//
// An input range that is walked once. What the coroutine throws comes out of ++ or begin() after the values that it
// yielded before were handed out. A span is valid until the next ++. One thread at a time.

#include <coroutine>
#include <cstddef>
#include <exception>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

#include "mtask/coroutine_range.hpp"

namespace mtask {

template <class T>
class batch_generator;

namespace detail {

template <class T>
class batch_promise {
  static_assert(std::is_trivially_copyable_v<T> && std::is_default_constructible_v<T>);

 public:
  static constexpr std::size_t kBatch = 1024;

  batch_promise() : values_(new T[kBatch]) {}
  batch_generator<T> get_return_object() noexcept { return batch_generator<T>(*this); }
  std::suspend_always initial_suspend() const noexcept { return {}; }
  std::suspend_always final_suspend() const noexcept { return {}; }
  void return_void() const noexcept {}
  void unhandled_exception() noexcept { exception_ = std::current_exception(); }
  void await_transform() = delete;  // a generator waits for nothing

  struct yield_awaiter : std::suspend_always {
    explicit yield_awaiter(bool suspends) noexcept : full(suspends) {}
    [[nodiscard]] bool await_ready() const noexcept { return !full; }
    bool full;
  };
  yield_awaiter yield_value(T value) noexcept {
    *end_ = value;
    return yield_awaiter(++end_ == values_.get() + kBatch);
  }
  yield_awaiter yield_value(std::span<const T> values) noexcept {
    foreign_ = values;
    return yield_awaiter(!values.empty());
  }

  // What the reader gets next, in this order: what was appended, what was yielded as a whole.
  [[nodiscard]] std::span<const T> current() const noexcept {
    return end_ != values_.get() ? std::span<const T>(values_.get(), end_) : foreign_;
  }
  [[nodiscard]] bool ended() const noexcept { return current().empty(); }
  void advance() {
    if (std::exchange(end_, values_.get()) == values_.get() || foreign_.empty()) {
      foreign_ = {};
      if (!handle().done()) handle().resume();
    }
    if (exception_ && ended()) std::rethrow_exception(std::exchange(exception_, nullptr));
  }
  void destroy() noexcept { handle().destroy(); }

 private:
  [[nodiscard]] std::coroutine_handle<> handle() noexcept {
    return std::coroutine_handle<batch_promise>::from_promise(*this);
  }
  std::unique_ptr<T[]> values_;
  T* end_ = values_.get();
  std::span<const T> foreign_;
  std::exception_ptr exception_;
};

}  // namespace detail

template <class T>
class [[nodiscard]] batch_generator : public detail::coroutine_range<detail::batch_promise<T>, std::span<const T>> {
 public:
  using promise_type = detail::batch_promise<T>;
  static constexpr std::size_t kBatch = promise_type::kBatch;

  batch_generator() noexcept = default;
  explicit batch_generator(promise_type& promise) noexcept : batch_generator::coroutine_range(promise) {}
};

}  // namespace mtask
