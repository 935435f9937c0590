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
#include <iterator>
#include <memory>
#include <ranges>
#include <span>
#include <type_traits>
#include <utility>

namespace mtask {

template <class T>
class [[nodiscard]] batch_generator : public std::ranges::view_base {
  static_assert(std::is_trivially_copyable_v<T> && std::is_default_constructible_v<T>);

 public:
  static constexpr std::size_t kBatch = 1024;

  class promise_type {
   public:
    promise_type() : values_(new T[kBatch]) {}
    batch_generator get_return_object() noexcept { return batch_generator(handle::from_promise(*this)); }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    std::suspend_always final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() noexcept { exception_ = std::current_exception(); }
    void await_transform() = delete;  // a generator waits for nothing

    class yield_awaiter {
     public:
      explicit yield_awaiter(bool full) noexcept : full_(full) {}
      [[nodiscard]] bool await_ready() const noexcept { return !full_; }
      void await_suspend(std::coroutine_handle<>) const noexcept {}
      void await_resume() const noexcept {}

     private:
      bool full_;
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
    [[nodiscard]] std::span<const T> batch() const noexcept {
      return end_ != values_.get() ? std::span<const T>(values_.get(), end_) : foreign_;
    }
    void advance() {
      if (std::exchange(end_, values_.get()) == values_.get() || foreign_.empty()) {
        foreign_ = {};
        const auto self = handle::from_promise(*this);
        if (!self.done()) self.resume();
      }
      if (exception_ && batch().empty()) std::rethrow_exception(std::exchange(exception_, nullptr));
    }

   private:
    std::unique_ptr<T[]> values_;
    T* end_ = values_.get();
    std::span<const T> foreign_;
    std::exception_ptr exception_;
  };

  class iterator {
   public:
    using iterator_concept = std::input_iterator_tag;
    using value_type = std::span<const T>;
    using difference_type = std::ptrdiff_t;

    iterator() noexcept = default;
    [[nodiscard]] std::span<const T> operator*() const noexcept { return promise_->batch(); }
    iterator& operator++() {
      promise_->advance();
      return *this;
    }
    void operator++(int) { ++*this; }
    [[nodiscard]] friend bool operator==(const iterator& at, std::default_sentinel_t) noexcept {
      return at.promise_->batch().empty();
    }

   private:
    friend class batch_generator;
    explicit iterator(promise_type& promise) noexcept : promise_(&promise) {}
    promise_type* promise_ = nullptr;
  };

  batch_generator() noexcept = default;
  batch_generator(batch_generator&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  batch_generator& operator=(batch_generator&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~batch_generator() {
    if (handle_) handle_.destroy();
  }

  // Runs the coroutine until its first batch is full. Once.
  [[nodiscard]] iterator begin() {
    handle_.promise().advance();
    return iterator(handle_.promise());
  }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

 private:
  using handle = std::coroutine_handle<promise_type>;
  explicit batch_generator(handle coroutine) noexcept : handle_(coroutine) {}
  handle handle_;
};

}  // namespace mtask
