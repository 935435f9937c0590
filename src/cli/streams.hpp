#pragma once
// Standard input, output and error as the program finds them.

namespace mtask::cli {

// Keeps the numbers of closed standard streams from being given to other files: opens /dev/null there, the wrong way
// round, so that reading or writing still fails with EBADF. Call before anything else opens a file.
void fill_closed_streams() noexcept;

}  // namespace mtask::cli
