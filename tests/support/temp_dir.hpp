#pragma once
// A scratch directory of its own for each test, gone at the end whatever the test left in it.

#include <filesystem>
#include <string>

namespace mtask::test {

// Where scratch directories go unless told otherwise: $TMPDIR, else /tmp.
[[nodiscard]] std::filesystem::path temp_root();

// Memory where there is such a directory with 256 MiB to spare, else temp_root(): for tests that make much and need no
// particular file system.
[[nodiscard]] std::filesystem::path fast_temp_root();

// Created 0755. At the end mounts below it are taken off and all of it is removed: directories without write
// permission, paths longer than PATH_MAX and names of any bytes too; symbolic links are never followed. The first one
// of a process also takes away what killed test processes left.
class TempDir {
 public:
  explicit TempDir(const std::filesystem::path& parent = temp_root());
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path operator/(const std::filesystem::path& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

// As the destructor removes; what cannot be removed stays. `path` need not exist, nor be a directory.
void remove_tree(const std::filesystem::path& path) noexcept;

}  // namespace mtask::test
