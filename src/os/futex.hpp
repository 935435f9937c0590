#pragma once
// Waiting on a 32-bit word that several processes share (futex(2), not the private kind).
//
// Chosen over process-shared pthread condition variables, which stall when a waiter is killed.

#include <atomic>
#include <chrono>
#include <cstdint>

namespace mtask::os {

// Sleeps while `word` holds `expected`, until a wake, a signal, or the time-out. May return early: look again.
void futex_wait(std::atomic<std::uint32_t>& word, std::uint32_t expected, std::chrono::nanoseconds timeout) noexcept;

// Wakes up to `count` sleepers, in any process that maps the word. Async-signal-safe.
void futex_wake(std::atomic<std::uint32_t>& word, int count) noexcept;

}  // namespace mtask::os
