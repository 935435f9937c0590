#pragma once
// The parts of build_tree, each filling one directory. Private to the tree builder.

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "support/files.hpp"

namespace mtask::test::tree {

// Where a part is built, and what could not be.
struct Site {
  int directory;
  bool privileged;
  std::vector<std::string>& left_out;

  // For results of system calls: true for success; notes what a file system does not have; throws for the rest.
  bool made(int result, const std::string& what) const;
};

// Makes `name` and opens it.
[[nodiscard]] Fd make_directory(int parent, const std::string& name, mode_t mode = 0755);

void contents(const Site& site);
void sparse(const Site& site);
void big_file(const Site& site);
void links(const Site& site);
void modes(const Site& site);
void owners(const Site& site);
void attributes(const Site& site);
void specials(const Site& site);
void names(const Site& site);
void times(const Site& site);
void flat(const Site& site, unsigned files);
void deep(const Site& site, unsigned levels);

}  // namespace mtask::test::tree
