#pragma once
// Builds a tree with every kind of entry a copier can lose something of.
//
// Below the root: contents/ (sizes), sparse/, links/ (symbolic and hard), modes/, owners/, attributes/ (xattrs, ACLs,
// capabilities), special/ (FIFO, socket, devices), names/ (any bytes), times/, flat/ (many files), deep/ (a path far
// longer than PATH_MAX), empty/. Everything gets a time of its own with nanoseconds, directories too.

#include <filesystem>
#include <string>
#include <vector>

#include "support/environment.hpp"

namespace mtask::test {

struct TreeOptions {
  bool privileged = is_root();  // owners, devices, trusted.*, capabilities, entries nobody else can read
  bool big_file = true;         // one of more than 256 MiB, mostly holes
  unsigned flat_files = 5000;
  unsigned depth = 300;  // levels of 200-byte names
};

// `root` is an existing, empty directory. Returns what this file system has no room for, one line each (a symlink of
// 4,095 bytes on xfs, say); throws std::system_error for anything else that fails.
std::vector<std::string> build_tree(const std::filesystem::path& root, const TreeOptions& options = {});

// Gives everything below `root` (not itself) times made from its name; names that begin with "time-<seconds>" that one.
void stamp_times(const std::filesystem::path& root);

}  // namespace mtask::test
