#pragma once
// The private directory of a run, for outputs that don't fit in memory: TMPDIR/mtask-pool-XXXXXX, mode 0700.
//
// A lock on a file in it says that its run lives; create() removes the directories of the user's runs that don't.
// Owned by the supervisor; workers know the path alone. Not thread-safe.

#include <string>

#include "base/unique_fd.hpp"
#include "mtask/result.hpp"

namespace mtask::pool {

class SpillDirectory {
 public:
  SpillDirectory() = default;
  [[nodiscard]] static Result<SpillDirectory> create(const std::string& parent);
  SpillDirectory(SpillDirectory&& other) noexcept;
  SpillDirectory& operator=(SpillDirectory&& other) noexcept;
  ~SpillDirectory();

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
  UniqueFd lock_;
};

// With all files in it; not what is deeper.
void remove_spill_directory(const std::string& path) noexcept;

}  // namespace mtask::pool
