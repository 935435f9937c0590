#pragma once
// The open directories of one worker: pairs of source and destination fds, least recently used ones closed first.
//
// A directory is opened step by step from the operand's, never through a symbolic link of the source (unless links are
// followed by request) nor of the destination, and checked to be the one that was seen first. Not thread-safe.

#include <sys/stat.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "base/unique_fd.hpp"
#include "copy/run_state.hpp"
#include "copy/trouble.hpp"

namespace mtask::copy {

struct OpenDirectory {
  DirId id = kNoId;
  std::uint32_t generation = 0;
  int source = -1;
  int destination = -1;      // -1: doesn't exist (dry run)
  gid_t own_group = 0;       // the destination's
  gid_t new_file_group = 0;  // group of files made in it, unless the file system's mount says otherwise
  UniqueFd owned_source;     // empty for an operand's, which the run owns
  UniqueFd owned_destination;
};
using OpenDirectoryRef = std::shared_ptr<OpenDirectory>;

class DirectoryCache {
 public:
  explicit DirectoryCache(RunState& run);

  // The directory's fds. Opens it, and what is missing above, if need be; its identity must be known by then.
  [[nodiscard]] Trouble open(DirId dir, OpenDirectoryRef& result);
  // Makes a directory known that was opened elsewhere.
  // `status`: the destination's, if there is one.
  OpenDirectoryRef insert(DirId dir, UniqueFd source, UniqueFd destination, const struct stat& status);
  // Closes all that nobody holds: the process is short of fds.
  void shrink();

  [[nodiscard]] const char* destination_name(DirId dir) const;
  // Opens source entry `name` as a directory.
  [[nodiscard]] int open_source(int parent, const char* name) const;

 private:
  [[nodiscard]] OpenDirectoryRef find(DirId dir);
  [[nodiscard]] OpenDirectoryRef operand(DirId dir);
  [[nodiscard]] Trouble open_below(const OpenDirectory& parent, DirId dir, OpenDirectoryRef& result);

  RunState& run_;
  std::size_t limit_;
  std::uint64_t clock_ = 0;
  struct Slot {
    OpenDirectoryRef directory;
    std::uint64_t used;
  };
  std::vector<Slot> slots_;
};

}  // namespace mtask::copy
