#pragma once
// Processes that descend from one: found in /proc, signalled.
//
// A snapshot: processes come and go while it is taken. Whoever must end all of them looks again until none is left.

#include <sys/types.h>

#include <vector>

namespace mtask::pool {

// Children of `pid`, those that have ended and wait to be reaped too.
[[nodiscard]] std::vector<pid_t> children_of(pid_t pid);

// Children, their children and so on, without `pid` itself, parents first.
[[nodiscard]] std::vector<pid_t> descendants_of(pid_t pid);

// Sends `signal` to all that descend from `root`; to those of the process group `group` (0: none) at once. A group that
// none of them is in is somebody else's by now.
void signal_family(pid_t root, pid_t group, int signal);

}  // namespace mtask::pool
