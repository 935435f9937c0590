#pragma once
// Trees of the same names in several versions, for tests that end a copy early: each name must then hold one whole
// version or nothing.

#include <filesystem>
#include <string>
#include <vector>

namespace mtask::test {

struct VersionOptions {
  unsigned directories = 40;
  unsigned files_each = 40;  // sizes from 0 to 40 KiB
  unsigned large = 8;        // of 1 to 3 MiB, in the root
  bool huge = false;         // one of 280 MiB, mostly holes
};

// Fills the new directory `root`. Two versions have no content, size or time of a file in common.
void make_version(const std::filesystem::path& root, unsigned version, const VersionOptions& options = {});

// What is wrong below `copy`: names no version has (temporary ones aside), files that are no whole file of any version,
// or have its content with another mode or time. Empty: nothing.
[[nodiscard]] std::string torn(const std::filesystem::path& copy, const std::vector<std::filesystem::path>& versions);

// As torn(), for content alone: metadata may be missing.
[[nodiscard]] std::string torn_content(const std::filesystem::path& copy,
                                       const std::vector<std::filesystem::path>& versions);

}  // namespace mtask::test
