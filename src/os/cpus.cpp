#include "os/cpus.hpp"

#include <sched.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <vector>

namespace mtask::os {
namespace {

constexpr unsigned kMostCpus = 256;

unsigned cpus_of_affinity() {
  // The kernel refuses a mask smaller than its own (EINVAL), and tells its size in no other way.
  for (std::size_t sets = 1; sets <= 64; sets *= 2) {
    std::vector<cpu_set_t> mask(sets);
    const std::size_t size = sets * sizeof(cpu_set_t);
    if (::sched_getaffinity(0, size, mask.data()) == 0) {
      return static_cast<unsigned>(std::max(CPU_COUNT_S(size, mask.data()), 1));
    }
  }
  return 1;
}

std::string read_small_file(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// "200000 100000" is two CPUs, "max 100000" no limit.
std::optional<unsigned> quota_of(const std::string& cpu_max) {
  std::istringstream text(cpu_max);
  std::uint64_t quota = 0;
  std::uint64_t period = 0;
  if (!(text >> quota >> period) || period == 0) return std::nullopt;
  const std::uint64_t cpus = (quota + period - 1) / period;
  return static_cast<unsigned>(std::clamp<std::uint64_t>(cpus, 1, kMostCpus));
}

}  // namespace

std::optional<unsigned> cpu_quota(std::string_view membership, const std::string& mount) {
  // The unified hierarchy's line is "0::/path".
  std::size_t begin = membership.starts_with("0::/") ? 0 : membership.find("\n0::/");
  if (begin == std::string_view::npos) return std::nullopt;
  begin = membership.find("::", begin) + 2;
  std::string group(membership.substr(begin, membership.find('\n', begin) - begin));

  std::optional<unsigned> least;
  for (;;) {
    if (const auto quota = quota_of(read_small_file(mount + group + "/cpu.max"))) {
      least = std::min(least.value_or(kMostCpus), *quota);
    }
    const std::size_t slash = group.rfind('/');
    if (slash == std::string::npos) return least;
    group.resize(slash);
  }
}

unsigned usable_cpus() {
  const auto quota = cpu_quota(read_small_file("/proc/self/cgroup"), "/sys/fs/cgroup");
  return std::min({cpus_of_affinity(), quota.value_or(kMostCpus), kMostCpus});
}

}  // namespace mtask::os
