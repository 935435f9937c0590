#pragma once
// Why a step on one entry failed: cheap enough for the hot path; made a sentence only when it is told.

#include <cerrno>

namespace mtask::copy {

struct [[nodiscard]] Trouble {
  enum class Side : unsigned char { kSource, kDestination };
  int error = 0;                 // errno; 0: no trouble
  const char* doing = "";        // "open", "set the owner of", …: "cannot DOING 'path': reason"
  Side side = Side::kSource;     // whose path the sentence names
  const char* reason = nullptr;  // instead of the errno's text

  explicit operator bool() const noexcept { return error != 0; }

  static Trouble source(const char* doing, int error = errno) { return {error, doing, Side::kSource, nullptr}; }
  static Trouble destination(const char* doing, int error = errno) {
    return {error, doing, Side::kDestination, nullptr};
  }

  // The destination can take nothing more: going on would fail for every entry.
  [[nodiscard]] bool fatal() const noexcept {
    return side == Side::kDestination && (error == ENOSPC || error == EDQUOT || error == EROFS);
  }
};

inline constexpr const char* kKilledWorkers = "the worker that copied it was killed, three times";

// Not a failure of the entry: the run was asked to stop.
inline constexpr int kHalted = 1 << 20;  // no errno of any file system

}  // namespace mtask::copy
