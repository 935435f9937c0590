#pragma once
// How many workers at once are of use on the file systems of a run.

#include <vector>

#include "copy/run_state.hpp"

namespace mtask::copy {

// At most `config.workers`. A single file gets no more than there are CPUs: its writers take turns by the lock of its
// inode, and waiters spin (three workers on two CPUs took 1.25 times as long as two). Nor does a tree cloned within
// btrfs: every new inode goes to the same leaf of one tree, and who waits for its lock sleeps as soon as the holder has
// no CPU (there it was 1.4 times).
[[nodiscard]] unsigned useful_workers(const Config& config, const std::vector<Root>& roots);

}  // namespace mtask::copy
