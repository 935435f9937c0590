#pragma once
// From what the user named to what is copied to where.

#include <string>
#include <vector>

#include "copy/run_state.hpp"
#include "mtask/copy.hpp"

namespace mtask::copy {

struct Operands {
  std::vector<Root> roots;         // none when all of several sources are missing
  std::vector<Error> missing;      // sources that can't be had; a single source that can't is an error instead
  std::string destination;         // what the first source becomes, or the directory all go into
  bool makes_destination = false;  // that directory was not there: it was made, or would be in a dry run
};

// Opens the parents of sources and destinations; makes the destination directory when several sources go into one that
// isn't there. Errors: kUsage where the operands contradict each other (a directory into itself, two of one name),
// kUnavailable where there is nothing to copy or nowhere to put it. A trailing slash means nothing.
[[nodiscard]] Result<Operands> resolve_operands(const Config& config);

}  // namespace mtask::copy
