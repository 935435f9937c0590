#pragma once
// Kills a process inside an operation on shared memory: after every instruction at which a `kill -9` makes a
// difference.
//
// The operation runs in a forked child that is single-stepped (ptrace). A first run notes after which instructions the
// watched memory changed; then, for each of these and for some others, the operation is begun anew and killed there.

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace mtask::test {

struct CrashTest {
  std::function<void()> prepare;                                     // makes fresh shared state, in this process
  std::function<void()> step;                                        // the operation, in the child; must not throw
  std::function<void()> examine;                                     // what the killed child left, in this process
  std::function<std::vector<std::span<const std::byte>>()> watched;  // asked after each prepare()
};

// For `step`: kills happen from here on, up to the end of `step` or of the zone.
void begin_crash_zone();
void end_crash_zone();

// Returns the number of kills; 0 where processes can't be traced, or instructions not be told apart by stepping.
// Throws std::system_error.
[[nodiscard]] std::size_t crash_everywhere(const CrashTest& test);

}  // namespace mtask::test
