#pragma once
// Which entries --include and --exclude leave out, in rsync's pattern language.
//
// The first rule that matches an entry decides; an entry that none matches is included. In a pattern
//   a '/' at the end      matches directories only;
//   a '/' at the start    anchors it to the source's root;
//   a '/' elsewhere or a "**"  matches it against the end of the whole path (from a component's start), without
//                         either it is matched against the last component;
//   "dir/" + "***"        matches the directory itself and all below it.
// `\` escapes only in patterns that have a wildcard (`*`, `?` or `[`), as in rsync. What lies below an excluded
// directory is not asked about: the caller does not descend.
//
// Immutable once compiled; excluded() may be called from any thread and allocates nothing.

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "copy/glob.hpp"
#include "mtask/copy.hpp"
#include "mtask/result.hpp"

namespace mtask::copy {

class FilterRules {
 public:
  FilterRules() = default;  // no rules: excludes nothing

  // kUsage for an empty pattern, or one with a NUL byte, which no name can match.
  [[nodiscard]] static Result<FilterRules> compile(const std::vector<FilterRule>& rules);

  // `relative_path`: from the source's root, without a '/' at either end.
  [[nodiscard]] bool excluded(std::string_view relative_path, bool is_directory) const noexcept;
  [[nodiscard]] bool empty() const noexcept { return rules_.empty(); }

 private:
  // Which part of a path a pattern has to match.
  enum class Scope : std::uint8_t {
    kWhole,      // all of it
    kTail,       // its last `components` components
    kAnySuffix,  // what starts at any component
  };
  struct Rule {
    bool include = false;
    bool directories_only = false;
    Scope scope = Scope::kWhole;
    std::size_t components = 1;
    std::vector<Glob> globs;                // any of them
    std::optional<Glob> directory_of_tail;  // for "dir/***": "dir", which a directory may match instead
  };

  [[nodiscard]] static Rule compile_rule(const FilterRule& source);
  [[nodiscard]] static bool any_matches(const Rule& rule, std::string_view text, bool is_directory) noexcept;
  [[nodiscard]] static bool matches(const Rule& rule, std::string_view path, bool is_directory) noexcept;

  std::vector<Rule> rules_;
};

// Is it a regular file that --min-size or --max-size leaves out?
[[nodiscard]] bool too_large_or_small(const Config& config, const struct stat& status) noexcept;

}  // namespace mtask::copy
