#pragma once
// What a generator and a batch generator have in common: a range that owns the coroutine that makes it.

#include <coroutine>
#include <cstddef>
#include <iterator>
#include <ranges>
#include <utility>

namespace mtask::detail {

// An input range that is walked once, and a view. Move-only: it owns the coroutine.
//   Promise::advance()  runs the coroutine to its next element; may throw
//   Promise::ended()    there is none
//   Promise::current()  the element; its type is that of the iterator's *
//   Promise::destroy()  destroys the coroutine
template <class Promise, class Value>
class coroutine_range : public std::ranges::view_base {
 public:
  coroutine_range() noexcept = default;
  coroutine_range(coroutine_range&& other) noexcept : promise_(std::exchange(other.promise_, nullptr)) {}
  coroutine_range& operator=(coroutine_range&& other) noexcept {
    coroutine_range taken(std::move(other));
    std::swap(promise_, taken.promise_);
    return *this;
  }
  ~coroutine_range() {
    if (promise_ != nullptr) promise_->destroy();
  }

  class iterator {
   public:
    using iterator_concept = std::input_iterator_tag;
    using value_type = Value;
    using difference_type = std::ptrdiff_t;

    iterator() noexcept = default;
    explicit iterator(Promise& promise) noexcept : promise_(&promise) {}
    iterator(iterator&& other) noexcept = default;
    iterator& operator=(iterator&& other) noexcept = default;
    iterator(const iterator&) = delete;
    iterator& operator=(const iterator&) = delete;

    [[nodiscard]] decltype(auto) operator*() const noexcept { return promise_->current(); }
    iterator& operator++() {
      promise_->advance();
      return *this;
    }
    void operator++(int) { ++*this; }
    [[nodiscard]] friend bool operator==(const iterator& at, std::default_sentinel_t) noexcept {
      return at.promise_->ended();
    }

   private:
    Promise* promise_ = nullptr;
  };

  // Runs the coroutine to its first element. Once; not of one that is empty (default, moved from).
  [[nodiscard]] iterator begin() {
    promise_->advance();
    return iterator(*promise_);
  }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

 protected:
  explicit coroutine_range(Promise& promise) noexcept : promise_(&promise) {}
  Promise* promise_ = nullptr;
};

}  // namespace mtask::detail
