#pragma once
// The two clocks of the pool as plain nanoseconds, which shared memory can hold.

#include <chrono>
#include <cstdint>

namespace mtask::pool {

[[nodiscard]] inline std::uint64_t steady_ns() noexcept {
  return static_cast<std::uint64_t>(
      std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count());
}

[[nodiscard]] inline std::int64_t system_ns() noexcept {
  return std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count();
}

[[nodiscard]] inline std::uint64_t to_ns(std::chrono::nanoseconds time) noexcept {
  return static_cast<std::uint64_t>(time.count());
}

}  // namespace mtask::pool
