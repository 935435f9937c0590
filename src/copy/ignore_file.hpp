#pragma once
// Files of patterns that lie in the tree they speak of (--ignore-file), with the semantics of gitignore(5).
//
// Where git and its manual differ, this does what git does (dir.c): a CR before the newline is not part of the
// pattern, and a "**" + "/" that comes after text without wildcards ("a**" + "/b") spans directories.
// All paths are bytes, relative, without a '/' at either end. Immutable; may be used from any thread; matching
// allocates nothing.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "copy/glob.hpp"

namespace mtask::copy {

class IgnoreFile {
 public:
  enum class Verdict : std::uint8_t {
    kNone,    // no pattern matches
    kIgnore,  // the last one that matches excludes
    kKeep,    // the last one that matches starts with '!'
  };

  // `text`: the contents of one file. Every text is valid.
  [[nodiscard]] static IgnoreFile parse(std::string_view text);

  // `path`: from the directory that holds the file. Speaks of this entry alone: what lies below an ignored directory
  // is ignored whatever the patterns say of it, which is the caller's part.
  [[nodiscard]] Verdict match(std::string_view path, bool is_directory) const noexcept;
  [[nodiscard]] bool empty() const noexcept { return patterns_.empty(); }

 private:
  struct Pattern {
    bool keep = false;
    bool directories_only = false;
    bool last_component = false;  // matched against the entry's name, else against its path
    std::string prefix;           // what a path has to start with; `rest` is matched against what follows
    Glob rest;
  };
  [[nodiscard]] static Pattern parse_pattern(std::string_view line);

  std::vector<Pattern> patterns_;  // the last line's first: the order in which they are asked
};

// The ignore files that hold for one directory: those in it and those in its parents up to the root. Directories
// share the links of their parents.
class IgnoreChain {
 public:
  // The chain of `parent` (nullptr: none yet) and then `file`, which lies in the directory whose path from the root
  // has `directory_length` bytes. Of two files in one directory the one added later counts more.
  [[nodiscard]] static std::shared_ptr<const IgnoreChain> extend(std::shared_ptr<const IgnoreChain> parent,
                                                                 std::size_t directory_length, IgnoreFile file);

  // `path`: from the root, of an entry below every directory of the chain, none of whose parents is ignored.
  [[nodiscard]] bool ignored(std::string_view path, bool is_directory) const noexcept;

  ~IgnoreChain();
  IgnoreChain(const IgnoreChain&) = delete;
  IgnoreChain& operator=(const IgnoreChain&) = delete;

 private:
  IgnoreChain(std::shared_ptr<const IgnoreChain> parent, std::size_t skip, IgnoreFile file);

  std::shared_ptr<const IgnoreChain> parent_;
  std::size_t skip_;  // bytes of a path from the root to what `file_` judges
  IgnoreFile file_;
};

}  // namespace mtask::copy
