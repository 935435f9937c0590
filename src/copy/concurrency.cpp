#include "copy/concurrency.hpp"

#include <linux/magic.h>
#include <sys/statfs.h>

#include <algorithm>

#include "os/cpus.hpp"

namespace mtask::copy {
namespace {

bool on_btrfs(const UniqueFd& directory) {
  struct statfs info {};
  return ::fstatfs(directory.get(), &info) == 0 && info.f_type == BTRFS_SUPER_MAGIC;
}

}  // namespace

unsigned useful_workers(const Config& config, const std::vector<Root>& roots) {
  const bool one_file = roots.size() == 1 && !roots.front().is_directory;
  const bool cloned_within_btrfs =
      config.reflink != Reflink::kNever && std::any_of(roots.begin(), roots.end(), [](const Root& root) {
        return root.destination_parent && on_btrfs(*root.source_parent) && on_btrfs(*root.destination_parent);
      });
  return one_file || cloned_within_btrfs ? std::min(config.workers, os::usable_cpus()) : config.workers;
}

}  // namespace mtask::copy
