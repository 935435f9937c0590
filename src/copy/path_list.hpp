#pragma once
// The paths of --files-from as a tree: which children of a directory are asked for.
//
// Paths are relative to the source and raw bytes. They are normalised ("." components, doubled, leading and trailing
// slashes go away), sorted and freed of duplicates. Held in one block of bytes and one of offsets, so a million paths
// cost little more than their bytes, and forked processes share them.
// Immutable; may be used from any thread.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mtask::copy {

class PathList {
 public:
  // Paths that would leave the source (a ".." component) or that no file can have (a NUL byte) are refused.
  explicit PathList(std::vector<std::string> relative_paths);

  // As they were given; the caller reports them.
  [[nodiscard]] const std::vector<std::string>& refused() const noexcept { return refused_; }
  // Paths without those that meant the source itself.
  [[nodiscard]] std::size_t size() const noexcept { return offsets_.size() - 1; }

  // Whether `path` itself is in the list, not only something below it.
  [[nodiscard]] bool contains(std::string_view path) const noexcept;
  // All listed paths below `directory`, in their order; the views live as long as the list.
  [[nodiscard]] std::vector<std::string_view> below(std::string_view directory) const;

  // Calls `callback(std::string_view name, bool has_children_in_list)` once for each distinct name that the list has
  // right below `directory` ("": the source), in the order of bytes. The names live as long as the list.
  // Takes O(log size) and then, for each child, O(log of the paths below it).
  template <class Callback>
  void for_each_child(std::string_view directory, Callback&& callback) const {
    std::size_t at = first_below(directory);
    const std::size_t skip = directory.empty() ? 0 : directory.size() + 1;
    while (const std::optional<Child> child = child_at(at, directory, skip)) {
      callback(child->name, child->has_children);
      at = child->next;
    }
  }

 private:
  struct Child {
    std::string_view name;
    bool has_children = false;
    std::size_t next = 0;  // the first path that is neither the child nor below it
  };

  [[nodiscard]] std::string_view path(std::size_t index) const noexcept;
  [[nodiscard]] std::size_t first_below(std::string_view directory) const noexcept;
  [[nodiscard]] std::optional<Child> child_at(std::size_t index, std::string_view directory,
                                              std::size_t skip) const noexcept;

  std::string bytes_;                 // all paths one after the other, '/' before every other byte in their order
  std::vector<std::size_t> offsets_;  // where each starts, and the end
  std::vector<std::string> refused_;
};

}  // namespace mtask::copy
