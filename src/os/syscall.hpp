#pragma once
// Repeats a system call that a signal interrupted.

#include <cerrno>

namespace mtask::os {

// Calls `call` (which returns -1 and sets errno on failure) until it ends otherwise than by EINTR.
template <class Call>
auto retry(Call&& call) {
  for (;;) {
    auto result = call();
    if (result != -1 || errno != EINTR) return result;
  }
}

}  // namespace mtask::os
