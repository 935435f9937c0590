#pragma once
// From what the user named to what is copied to where.

#include <string>
#include <vector>

#include "copy/run_state.hpp"
#include "mtask/copy.hpp"

namespace mtask::copy {

struct Operands {
  std::vector<Root> roots;     // none when all of several sources are missing
  std::vector<Error> refused;  // sources that can't be had, or whose name another source has taken
  std::vector<std::string> warnings;
  std::string destination;         // what the first source becomes, or the directory all go into
  bool makes_destination = false;  // that directory was not there: it was made, or would be in a dry run
};

// Opens the parents of sources and destinations; makes the destination directory when several sources go into one that
// isn't there. Errors: kUsage where the operands contradict each other (a directory into itself), kUnavailable where
// there is nothing to copy or nowhere to put it; so is a single source that can't be had. A trailing slash means
// nothing.
//
// Of sources with one final name the first one gets it, as with cp: another file is refused, the same source given once
// more is warned of. Directories of one name are merged, and so are the contents of `DIR/.` with all that goes into the
// destination: in rounds, so that where both have an entry the later source decides.
[[nodiscard]] Result<Operands> resolve_operands(const Config& config);

}  // namespace mtask::copy
