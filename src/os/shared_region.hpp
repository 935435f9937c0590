#pragma once
// Anonymous memory shared with the processes forked after it was mapped.
//
// Pages cost memory once touched, so a region may be far larger than what is used of it. Zeroed at the start.

#include <cstddef>
#include <new>
#include <span>
#include <type_traits>

#include "mtask/result.hpp"

namespace mtask::os {

class SharedRegion {
 public:
  [[nodiscard]] static Result<SharedRegion> map(std::size_t bytes);

  SharedRegion(SharedRegion&& other) noexcept;
  SharedRegion& operator=(SharedRegion&&) = delete;
  ~SharedRegion();

  // Carves an array of `count` zeroed T out of the region, aligned to a cache line at least. For use before the fork,
  // by types for which all-zero bytes are a valid initial state. Throws std::bad_alloc past the end.
  template <class T>
  [[nodiscard]] T* carve(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    return static_cast<T*>(carve_bytes(sizeof(T) * count, alignof(T)));
  }
  // What was carved out so far.
  [[nodiscard]] std::span<const std::byte> used() const noexcept { return {base_, used_}; }
  // Room that carve<T>(count) takes at most.
  template <class T>
  [[nodiscard]] static constexpr std::size_t room(std::size_t count) {
    return sizeof(T) * count + kLine + alignof(T);
  }

 private:
  static constexpr std::size_t kLine = 64;
  SharedRegion(std::byte* base, std::size_t size) : base_(base), size_(size) {}
  void* carve_bytes(std::size_t bytes, std::size_t alignment);

  std::byte* base_;
  std::size_t size_;
  std::size_t used_ = 0;
};

}  // namespace mtask::os
