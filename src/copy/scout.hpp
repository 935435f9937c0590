#pragma once
// Walks the sources ahead of the workers, so that progress knows its totals. Reads no file; changes nothing.

#include "copy/run_state.hpp"

namespace mtask::copy {

// Runs in a process of its own; adds to the board's totals and marks them as known at the end. What it can't read it
// leaves out: the workers will tell.
int scout(RunState& run);

}  // namespace mtask::copy
