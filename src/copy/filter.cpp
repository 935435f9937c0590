#include "copy/filter.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace mtask::copy {

namespace {

// The last `count` components of `path`; nothing when it has fewer.
std::optional<std::string_view> last_components(std::string_view path, std::size_t count) noexcept {
  std::size_t start = path.size();
  for (std::size_t found = 0;;) {
    const std::size_t slash = start == 0 ? std::string_view::npos : path.rfind('/', start - 1);
    ++found;
    if (slash == std::string_view::npos) return found == count ? std::optional(path) : std::nullopt;
    if (found == count) return path.substr(slash + 1);
    start = slash;
  }
}

}  // namespace

Result<FilterRules> FilterRules::compile(const std::vector<FilterRule>& rules) {
  FilterRules compiled;
  for (const FilterRule& rule : rules) {
    const char* option = rule.include ? "--include" : "--exclude";
    if (rule.pattern.empty()) return Unexpected(usage_error(std::string("empty pattern for ") + option));
    if (rule.pattern.find('\0') != std::string::npos) {
      return Unexpected(usage_error(std::string("a pattern for ") + option + " has a NUL byte"));
    }
    compiled.rules_.push_back(compile_rule(rule));
  }
  return compiled;
}

FilterRules::Rule FilterRules::compile_rule(const FilterRule& source) {
  std::string_view pattern = source.pattern;
  Rule rule;
  rule.include = source.include;

  const bool wild = pattern.find_first_of("*?[") != std::string_view::npos;
  const bool deep = pattern.find("**") != std::string_view::npos;
  const bool deep_first = pattern.starts_with("**");
  const bool deep_below = deep && pattern.ends_with("***");
  if (pattern.size() > 1 && pattern.ends_with('/')) {
    pattern.remove_suffix(1);
    rule.directories_only = true;
  }
  const auto slashes = static_cast<std::size_t>(std::count(pattern.begin(), pattern.end(), '/'));
  const bool anchored = pattern.starts_with('/');
  if (anchored) pattern.remove_prefix(1);

  if (anchored || deep_first) {
    rule.scope = Scope::kWhole;
  } else if (deep) {
    rule.scope = Scope::kAnySuffix;
  } else {
    rule.scope = Scope::kTail;
    rule.components = slashes + 1;
  }

  const auto compile_part = [&](std::string_view part) {
    return wild ? Glob::compile(part, GlobFlavour::kRsync) : Glob::literal(part);
  };
  rule.globs.push_back(compile_part(pattern));
  // A "**" + "/" that the pattern starts with may also stand for no directory at all.
  if (deep_first) {
    const std::size_t after = pattern.find_first_not_of('*');
    if (after != std::string_view::npos && pattern[after] == '/') {
      rule.globs.push_back(compile_part(pattern.substr(after + 1)));
    }
  }
  if (deep_below) {
    const std::size_t before = pattern.find_last_not_of('*');
    if (before != std::string_view::npos && pattern[before] == '/') {
      rule.directory_of_tail = compile_part(pattern.substr(0, before));
    }
  }
  return rule;
}

bool FilterRules::any_matches(const Rule& rule, std::string_view text, bool is_directory) noexcept {
  if (std::any_of(rule.globs.begin(), rule.globs.end(), [&](const Glob& glob) { return glob.matches(text); }))
    return true;
  return is_directory && rule.directory_of_tail && rule.directory_of_tail->matches(text);
}

bool FilterRules::matches(const Rule& rule, std::string_view path, bool is_directory) noexcept {
  if (rule.directories_only && !is_directory) return false;
  switch (rule.scope) {
    case Scope::kWhole:
      return any_matches(rule, path, is_directory);
    case Scope::kTail: {
      const std::optional<std::string_view> tail = last_components(path, rule.components);
      return tail && any_matches(rule, *tail, is_directory);
    }
    case Scope::kAnySuffix:
      for (;;) {
        if (any_matches(rule, path, is_directory)) return true;
        const std::size_t slash = path.find('/');
        if (slash == std::string_view::npos) return false;
        path.remove_prefix(slash + 1);
      }
  }
  return false;
}

bool FilterRules::excluded(std::string_view relative_path, bool is_directory) const noexcept {
  if (relative_path.empty()) return false;
  for (const Rule& rule : rules_) {
    if (matches(rule, relative_path, is_directory)) return !rule.include;
  }
  return false;
}

bool too_large_or_small(const Config& config, const struct stat& status) noexcept {
  if (!S_ISREG(status.st_mode)) return false;
  const auto size = static_cast<std::uint64_t>(status.st_size);
  return (config.min_size && size < *config.min_size) || (config.max_size && size > *config.max_size);
}

}  // namespace mtask::copy
