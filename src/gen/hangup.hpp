#pragma once
// Noticing that a reader has left without writing to him.

#include "mtask/result.hpp"
#include "mtask/task.hpp"

namespace mtask::gen {

// Waits until the other end of `fd` is gone: true. False at once where that can't be told, as of a regular file. `fd`
// stays the caller's and open meanwhile.
[[nodiscard]] task<bool> hangup(int fd);

}  // namespace mtask::gen
