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
// Elements are handed over by reference to where they are, as T&&: an lvalue that is yielded is copied, what is yielded
// as an rvalue may be moved from. One thread at a time.

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <iterator>
#include <memory>
#include <optional>
#include <ranges>
#include <type_traits>
#include <utility>

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
  using reference = T&&;
  using pointer = std::add_pointer_t<reference>;

  generator_promise(const generator_promise&) = delete;
  generator_promise& operator=(const generator_promise&) = delete;

  // Of the outermost one: goes on to the next element. False at the end.
  bool advance() {
    element_ = nullptr;
    for (;;) {
      generator_promise* const leaf = leaf_;
      leaf->self_.resume();
      if (element_ != nullptr) return true;
      if (leaf_ != leaf) continue;  // it has begun another one
      if (leaf == this) break;
      leaf_ = leaf->parent_;
    }
    rethrow();
    return false;
  }
  [[nodiscard]] pointer element() const noexcept { return element_; }

  std::suspend_always initial_suspend() const noexcept { return {}; }
  std::suspend_always final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { exception_ = std::current_exception(); }
  void await_transform() = delete;  // a generator waits for nothing

  std::suspend_always yield_value(reference element) noexcept {
    root_->element_ = std::addressof(element);
    return {};
  }

  class copy_awaiter {
   public:
    explicit copy_awaiter(const std::remove_cvref_t<T>& element) : copy_(element) {}
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> handle) noexcept {
      generator_promise& promise = handle.promise();
      promise.root_->element_ = std::addressof(copy_);
    }
    void await_resume() const noexcept {}

   private:
    std::remove_cvref_t<T> copy_;
  };
  copy_awaiter yield_value(const std::remove_cvref_t<T>& element) requires(
      !std::is_lvalue_reference_v<T> && std::copy_constructible<std::remove_cvref_t<T>>) {
    return copy_awaiter(element);
  }

  template <class Result>
  class nested_awaiter {
   public:
    explicit nested_awaiter(generator<T, Result>&& inner) : inner_(std::move(inner)) {}
    [[nodiscard]] bool await_ready() const noexcept { return !inner_.handle_ || inner_.handle_.done(); }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> handle) noexcept {
      generator_promise& outer = handle.promise();
      generator_promise& inner = inner_.handle_.promise();
      inner.parent_ = &outer;
      inner.root_ = outer.root_;
      inner.owner_ = &inner_;
      inner.forget_ = [](void* owner) noexcept { static_cast<generator<T, Result>*>(owner)->handle_ = nullptr; };
      // It may have begun, and stand in one of its own.
      for (generator_promise* at = inner.leaf_; at != &inner; at = at->parent_) at->root_ = outer.root_;
      outer.root_->leaf_ = std::exchange(inner.leaf_, &inner);
    }
    Result await_resume() {
      if (inner_.handle_) inner_.handle_.promise().rethrow();
      if constexpr (!std::is_void_v<Result>) return std::move(inner_.result());
    }

   private:
    generator<T, Result> inner_;
  };
  template <class Result>
  nested_awaiter<Result> yield_value(elements_of<generator<T, Result>> inner) {
    return nested_awaiter<Result>(std::move(inner).get());
  }
  template <class Result>
  nested_awaiter<Result> yield_value(elements_of<generator<T, Result>&> inner) {
    return nested_awaiter<Result>(std::move(std::move(inner).get()));
  }
  template <std::ranges::input_range Range>
  requires std::convertible_to<std::ranges::range_reference_t<Range>, T> nested_awaiter<void> yield_value(
      elements_of<Range> range) {
    return nested_awaiter<void>(each_of<Range>(std::move(range).get()));
  }

  // Of the outermost one: the ones inside it end before it, each before the one that it is in.
  void destroy() noexcept {
    while (leaf_ != this) {
      generator_promise* const leaf = leaf_;
      leaf_ = leaf->parent_;
      leaf->forget_(leaf->owner_);
      leaf->self_.destroy();
    }
    self_.destroy();
  }

 protected:
  explicit generator_promise(std::coroutine_handle<> self) noexcept : self_(self) {}
  ~generator_promise() = default;

 private:
  void rethrow() {
    if (exception_) std::rethrow_exception(std::exchange(exception_, nullptr));
  }
  template <class Range>
  static generator<T> each_of(Range range) {
    for (auto&& element : range) co_yield static_cast<T>(std::forward<decltype(element)>(element));
  }

  std::coroutine_handle<> self_;
  pointer element_ = nullptr;            // of the outermost one: the current element
  generator_promise* leaf_ = this;       // of the outermost one: who is to be resumed
  generator_promise* root_ = this;       // the outermost one
  generator_promise* parent_ = nullptr;  // the one that this one is in
  void* owner_ = nullptr;                // the generator of this one, inside of parent_'s frame
  void (*forget_)(void*) noexcept = nullptr;
  std::exception_ptr exception_;
};

template <class T, class R>
class generator_promise_of : public generator_promise<T> {
 public:
  generator_promise_of() noexcept
      : generator_promise<T>(std::coroutine_handle<generator_promise_of>::from_promise(*this)) {}
  generator<T, R> get_return_object() noexcept;
  template <std::convertible_to<R> Value>
  void return_value(Value&& value) {
    result_.emplace(std::forward<Value>(value));
  }
  [[nodiscard]] R& result() { return result_.value(); }

 private:
  std::optional<R> result_;
};

template <class T>
class generator_promise_of<T, void> : public generator_promise<T> {
 public:
  generator_promise_of() noexcept
      : generator_promise<T>(std::coroutine_handle<generator_promise_of>::from_promise(*this)) {}
  generator<T, void> get_return_object() noexcept;
  void return_void() const noexcept {}
};

}  // namespace detail

template <class T, class R>
class [[nodiscard]] generator : public std::ranges::view_base {
 public:
  using promise_type = detail::generator_promise_of<T, R>;
  using value_type = std::remove_cvref_t<T>;

  generator() noexcept = default;
  generator(generator&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  generator& operator=(generator&& other) noexcept {
    generator(std::move(other)).swap(*this);
    return *this;
  }
  ~generator() {
    if (handle_) handle_.promise().destroy();
  }
  void swap(generator& other) noexcept { std::swap(handle_, other.handle_); }

  class iterator {
   public:
    using iterator_concept = std::input_iterator_tag;
    using value_type = std::remove_cvref_t<T>;
    using difference_type = std::ptrdiff_t;

    iterator() noexcept = default;
    iterator(iterator&& other) noexcept = default;
    iterator& operator=(iterator&& other) noexcept = default;
    iterator(const iterator&) = delete;
    iterator& operator=(const iterator&) = delete;

    [[nodiscard]] T&& operator*() const noexcept { return static_cast<T&&>(*promise_->element()); }
    iterator& operator++() {
      promise_->advance();
      return *this;
    }
    void operator++(int) { ++*this; }
    [[nodiscard]] friend bool operator==(const iterator& at, std::default_sentinel_t) noexcept {
      return at.promise_->element() == nullptr;
    }

   private:
    friend class generator;
    explicit iterator(promise_type& promise) noexcept : promise_(&promise) {}
    promise_type* promise_ = nullptr;
  };

  // Runs the coroutine to its first element. Once.
  [[nodiscard]] iterator begin() {
    handle_.promise().advance();
    return iterator(handle_.promise());
  }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

  // What was co_returned; std::bad_optional_access before the end.
  [[nodiscard]] auto& result() requires(!std::is_void_v<R>) { return handle_.promise().result(); }

 private:
  friend class detail::generator_promise<T>;
  friend promise_type;
  explicit generator(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

namespace detail {

template <class T, class R>
generator<T, R> generator_promise_of<T, R>::get_return_object() noexcept {
  return generator<T, R>(std::coroutine_handle<generator_promise_of>::from_promise(*this));
}

template <class T>
generator<T, void> generator_promise_of<T, void>::get_return_object() noexcept {
  return generator<T, void>(std::coroutine_handle<generator_promise_of>::from_promise(*this));
}

}  // namespace detail
}  // namespace mtask
