#pragma once
// Compares two trees entry by entry.
//
// Compared: names, types, permission bits, owners, sizes, modification times to the nanosecond (directories too),
// symlink targets, device numbers, extended attributes (ACLs and capabilities among them), which names share an inode,
// where the holes are, and contents. Walks by directory descriptors, so paths longer than PATH_MAX are fine.

#include <filesystem>
#include <string>
#include <vector>

namespace mtask::test {

struct CompareOptions {
  bool owners = true;
  bool modes = true;
  bool times = true;
  bool xattrs = true;
  bool links = true;
  bool holes = true;
  bool trusted = true;  // trusted.*, security.*: what a user's copy cannot have
  bool root = true;     // the two top directories themselves
};

// One line for each difference, at most 500; empty: equal. `a` and `b` may be anything, also single files.
[[nodiscard]] std::vector<std::string> differences(const std::filesystem::path& a, const std::filesystem::path& b,
                                                   const CompareOptions& options = {});

// The first differences as text for an assertion (CHECK(compared(a, b) == "")).
[[nodiscard]] std::string compared(const std::filesystem::path& a, const std::filesystem::path& b,
                                   const CompareOptions& options = {});

// What identifies every entry that is no directory: path, inode, change time. Equal before and after a run that had
// nothing to do.
[[nodiscard]] std::vector<std::string> identities(const std::filesystem::path& root);

// The first few that are not in both, as text for an assertion.
[[nodiscard]] std::string changed(const std::vector<std::string>& before, const std::vector<std::string>& after);

}  // namespace mtask::test
