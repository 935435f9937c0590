#pragma once
// Everything below a directory, in order: a directory before what it holds, the names in a directory by their bytes.
// Links are never followed. Relative to open directories (openat), so that no depth is too deep for a path, nor
// anything moved in a walk's way leads it elsewhere.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.hpp"
#include "mtask/result.hpp"

namespace mtask::gen {

class DirectoryWalk {
 public:
  struct Entry {
    std::string path;       // the root as given, then the names
    std::string_view name;  // within `path`
    char type = '?';        // as of find: f d l b c p s
    std::size_t depth = 0;  // the root's is 0
  };
  enum class Step : std::uint8_t { kEntry, kEnd };

  explicit DirectoryWalk(std::string root) : root_(std::move(root)) {}

  // The next entry. A failure concerns one directory or entry; the walk may go on.
  [[nodiscard]] Result<Step> next(Entry& entry);
  // Not below the entry handed out last.
  void skip() noexcept { descend_ = false; }

 private:
  struct Name {
    std::string name;
    char type;
  };
  // A directory under way. Only the innermost ones are open; the others are opened again, by "..", when they are come
  // back to.
  struct Level {
    UniqueFd fd;
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::vector<Name> names;
    std::size_t at = 0;
    std::size_t path_size = 0;  // of its path
  };

  Result<Step> begin(Entry& entry);
  Result<void> enter();
  Result<void> read_names(Level& level);
  Result<void> leave();
  [[nodiscard]] Error failure(const char* what, int error) const;
  [[nodiscard]] int current_fd() const noexcept;

  std::string root_;
  std::string path_;         // of the entry handed out last
  std::size_t name_at_ = 0;  // in path_
  std::deque<Level> levels_;
  bool begun_ = false;
  bool descend_ = false;  // the entry handed out last is a directory to go into
};

}  // namespace mtask::gen
