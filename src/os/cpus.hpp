#pragma once
// How many CPUs this process may use.

#include <optional>
#include <string>
#include <string_view>

namespace mtask::os {

// The CPUs of the affinity mask, or fewer where a control group's quota allows no more; 1 to 256.
[[nodiscard]] unsigned usable_cpus();

// What cpu.max (cgroup v2) of the process's group and of all above it leave, rounded up; nothing when none limits it.
// `membership` is the text of /proc/self/cgroup, `mount` where the hierarchy is mounted.
[[nodiscard]] std::optional<unsigned> cpu_quota(std::string_view membership, const std::string& mount);

}  // namespace mtask::os
