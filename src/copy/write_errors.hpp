#pragma once
// Errors of writing that come no earlier than with close(2): of network and FUSE file systems, which write then.

#include <sys/types.h>

#include "copy/trouble.hpp"

namespace mtask::copy {

// Not thread-safe.
class WriteErrors {
 public:
  // What a close of `fd`, which was written to, would say; it stays open. `device`: the file's, to ask each file system
  // but once; 0: not known. Costs nothing where closing can't fail.
  [[nodiscard]] Trouble check(int fd, dev_t device);

 private:
  dev_t safe_device_ = 0;  // the last one where closing can't fail
};

}  // namespace mtask::copy
