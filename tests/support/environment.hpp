#pragma once
// What this machine lets a test do. A test that cannot run here says so and ends (Catch2 2 has no skipping).

#include <string>

// Only inside a test case.
#define MTASK_SKIP(reason)         \
  do {                             \
    WARN("skipped: " << (reason)); \
    return;                        \
  } while (false)

namespace mtask::test {

[[nodiscard]] bool is_root();
// In PATH, or in the directories where system programs live.
[[nodiscard]] bool has_command(const std::string& name);
// An unprivileged user's number, of nobody.
inline constexpr unsigned kNobody = 65534;

}  // namespace mtask::test
