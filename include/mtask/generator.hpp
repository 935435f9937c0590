#pragma once
// generator<T, R>: a lazy sequence, made by a coroutine that yields its elements one by one.
//
//   generator<int> count(int from) {
//     for (;; ++from) co_yield from;
//   }
//   for (int i : count(1) | std::views::take(3)) …
//
// An input range that is walked once, and a view. The generator owns the coroutine: destroying it, half-way too,
// destroys what the coroutine holds. What the coroutine throws comes out of begin() or ++. `co_return value` (R other
// than void) can be read by result() once the sequence has ended.
//
// `co_yield elements_of(other)` yields all elements of another generator of the same T, or of any range, in place; its
// value is the other generator's result. That nests to any depth: an element costs the same at each, as the innermost
// coroutine is resumed directly (E. Niebler's and L. Baker's recursive generators; P2502), by a loop instead of by
// symmetric transfer, and destroying frees the innermost one first, by a loop, too.
//
// g++ 12 destroys some temporaries of a co_yield expression twice (braced aggregates, results of ?:), and refuses
// others: give them a name before it.
//
// Elements are handed over by reference to where they are, as T&&: an lvalue that is yielded is copied, what is yielded
// as an rvalue may be moved from. One thread at a time.

#include <concepts>
#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <ranges>
#include <type_traits>
#include <utility>

#include "mtask/coroutine_range.hpp"

namespace mtask {

template <class T, class R = void>
class generator;

// Marks a range whose elements are to be yielded one by one.
template <class Range>
class elements_of {
 public:
  explicit elements_of(Range&& range) : range_(std::forward<Range>(range)) {}
  [[nodiscard]] Range&& get() && { return std::forward<Range>(range_); }

 private:
  Range range_;
};
template <class Range>
elements_of(Range&&) -> elements_of<Range>;

namespace detail {

// What all generators of T have in common, whatever they return.
template <class T>
class generator_promise {
 public:
  using value_type = std::remove_cvref_t<T>;

  generator_promise(const generator_promise&) = delete;
  generator_promise& operator=(const generator_promise&) = delete;

  // Of the outermost one, for coroutine_range.
  void advance() {
    element_ = nullptr;
    for (;;) {
      generator_promise* const leaf = leaf_;
      leaf->handle().resume();
      if (element_ != nullptr) return;
      if (leaf_ != leaf) continue;  // it has begun another one
      if (leaf == this) break;
      leaf_ = leaf->parent_;
    }
    rethrow();
  }
  [[nodiscard]] bool ended() const noexcept { return element_ == nullptr; }
  [[nodiscard]] T&& current() const noexcept { return static_cast<T&&>(*element_); }
  // The ones inside it end before it, each before the one that it is in.
  void destroy() noexcept {
    while (leaf_ != this) {
      generator_promise* const leaf = std::exchange(leaf_, leaf_->parent_);
      *leaf->owner_ = nullptr;
      leaf->handle().destroy();
    }
    handle().destroy();
  }

  std::suspend_always initial_suspend() const noexcept { return {}; }
  std::suspend_always final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { exception_ = std::current_exception(); }
  void await_transform() = delete;  // a generator waits for nothing

  std::suspend_always yield_value(T&& element) noexcept {
    root_->element_ = std::addressof(element);
    return {};
  }

  class copy_awaiter : public std::suspend_always {
   public:
    explicit copy_awaiter(const value_type& element) : copy_(element) {}
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> handle) noexcept {
      generator_promise& promise = handle.promise();
      promise.root_->element_ = std::addressof(copy_);
    }

   private:
    value_type copy_;
  };
  copy_awaiter yield_value(const value_type& element) requires(!std::is_lvalue_reference_v<T> &&
                                                               std::copy_constructible<value_type>) {
    return copy_awaiter(element);
  }

  template <class R>
  class nested_awaiter {
   public:
    nested_awaiter(generator<T, R>&& inner, generator_promise& outer) : inner_(std::move(inner)), outer_(outer) {}
    [[nodiscard]] bool await_ready() const noexcept { return !inner_.promise_ || inner_.promise_->handle().done(); }
    void await_suspend(std::coroutine_handle<>) noexcept {
      generator_promise& inner = *inner_.promise_;
      inner.parent_ = &outer_;
      inner.owner_ = &inner_.promise_;
      inner.root_ = outer_.root_;
      // It may have begun, and stand in one of its own.
      for (generator_promise* at = inner.leaf_; at != &inner; at = at->parent_) at->root_ = outer_.root_;
      outer_.root_->leaf_ = std::exchange(inner.leaf_, &inner);
    }
    R await_resume() {
      if (inner_.promise_) inner_.promise_->rethrow();
      if constexpr (!std::is_void_v<R>) return std::move(inner_.result());
    }

   private:
    generator<T, R> inner_;
    generator_promise& outer_;
  };
  template <class R>
  nested_awaiter<R> yield_value(elements_of<generator<T, R>> inner) {
    return nested_awaiter<R>(std::move(inner).get(), *this);
  }
  template <class R>
  nested_awaiter<R> yield_value(elements_of<generator<T, R>&> inner) {
    return nested_awaiter<R>(std::move(std::move(inner).get()), *this);
  }
  template <std::ranges::input_range Range>
  requires std::convertible_to<std::ranges::range_reference_t<Range>, T> nested_awaiter<void> yield_value(
      elements_of<Range> range) {
    return nested_awaiter<void>(each_of<Range>(std::move(range).get()), *this);
  }

 protected:
  generator_promise() noexcept = default;
  ~generator_promise() = default;

 private:
  // Every promise begins with its base at the same place in the frame.
  [[nodiscard]] std::coroutine_handle<> handle() noexcept {
    return std::coroutine_handle<generator_promise>::from_promise(*this);
  }
  void rethrow() {
    if (exception_) std::rethrow_exception(std::exchange(exception_, nullptr));
  }
  template <class Range>
  static generator<T> each_of(Range range) {
    for (auto&& element : range) co_yield static_cast<T>(std::forward<decltype(element)>(element));
  }

  std::add_pointer_t<T> element_ = nullptr;  // of the outermost one: the current element
  generator_promise* leaf_ = this;           // of the outermost one: who is to be resumed
  generator_promise* root_ = this;           // the outermost one
  generator_promise* parent_ = nullptr;      // the one that this one is in
  generator_promise** owner_ = nullptr;      // the generator of this one, inside of parent_'s frame
  std::exception_ptr exception_;
};

template <class T, class R>
class generator_promise_of final : public generator_promise<T> {
  static_assert(alignof(R) <= 2 * sizeof(void*), "results that are aligned more are not supported");

 public:
  generator<T, R> get_return_object() noexcept { return generator<T, R>(*this); }
  template <std::convertible_to<R> Value>
  void return_value(Value&& value) {
    result_.emplace(std::forward<Value>(value));
  }
  [[nodiscard]] R& result() { return result_.value(); }

 private:
  std::optional<R> result_;
};

template <class T>
class generator_promise_of<T, void> final : public generator_promise<T> {
 public:
  generator<T, void> get_return_object() noexcept { return generator<T, void>(*this); }
  void return_void() const noexcept {}
};

}  // namespace detail

template <class T, class R>
class [[nodiscard]] generator : public detail::coroutine_range<detail::generator_promise<T>, std::remove_cvref_t<T>> {
 public:
  using promise_type = detail::generator_promise_of<T, R>;

  generator() noexcept = default;
  explicit generator(promise_type& promise) noexcept : generator::coroutine_range(promise) {}
  // What was co_returned; std::bad_optional_access before the end.
  [[nodiscard]] auto& result() requires(!std::is_void_v<R>) {
    return static_cast<promise_type&>(*this->promise_).result();
  }

 private:
  friend class detail::generator_promise<T>;
};

}  // namespace mtask
