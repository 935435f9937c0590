#pragma once
// How many workers at once are of use on the file systems of a run.

#include <vector>

#include "copy/run_state.hpp"

namespace mtask::copy {

// At most `config.workers`. A tree cloned within btrfs gets no more than there are CPUs: every new inode goes to the
// same leaf of one tree, and who waits for its lock sleeps as soon as the holder has no CPU (three workers on two CPUs
// took 1.4 times as long as two).
[[nodiscard]] unsigned useful_workers(const Config& config, const std::vector<Root>& roots);

}  // namespace mtask::copy
