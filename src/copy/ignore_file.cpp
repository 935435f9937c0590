#include "copy/ignore_file.hpp"

#include <algorithm>
#include <utility>

namespace mtask::copy {

namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// Without the spaces at the end, but for those after a '\'.
std::string_view trim_spaces(std::string_view line) {
  std::size_t kept = 0;
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] == ' ') continue;
    if (line[at] == '\\') {
      ++at;
      if (at == line.size()) return line;
    }
    kept = at + 1;
  }
  return line.substr(0, kept);
}

std::string_view name_of(std::string_view path) noexcept {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace

IgnoreFile IgnoreFile::parse(std::string_view text) {
  IgnoreFile file;
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.starts_with('#')) continue;
    if (line.ends_with('\r')) line.remove_suffix(1);
    line = trim_spaces(line.substr(0, line.find('\0')));
    if (!line.empty()) file.patterns_.push_back(parse_pattern(line));
  }
  std::reverse(file.patterns_.begin(), file.patterns_.end());
  return file;
}

IgnoreFile::Pattern IgnoreFile::parse_pattern(std::string_view line) {
  Pattern pattern;
  if (line.starts_with('!')) {
    pattern.keep = true;
    line.remove_prefix(1);
  }
  if (line.ends_with('/')) {
    pattern.directories_only = true;
    line.remove_suffix(1);
  }
  pattern.last_component = line.find('/') == std::string_view::npos;
  if (line.starts_with('/')) line.remove_prefix(1);
  // In a name, stars mean the same wherever they stand; in a path, git looks at them from the first wildcard on.
  const std::size_t wildcard = line.find_first_of("*?[\\");
  if (!pattern.last_component || wildcard == std::string_view::npos) {
    pattern.prefix = line.substr(0, wildcard);
    line.remove_prefix(pattern.prefix.size());
  }
  pattern.rest = Glob::compile(line, GlobFlavour::kGitignore);
  return pattern;
}

IgnoreFile::Verdict IgnoreFile::match(std::string_view path, bool is_directory) const noexcept {
  if (path.empty()) return Verdict::kNone;
  const std::string_view name = name_of(path);
  for (const Pattern& pattern : patterns_) {
    if (pattern.directories_only && !is_directory) continue;
    std::string_view subject = pattern.last_component ? name : path;
    if (!subject.starts_with(pattern.prefix)) continue;
    subject.remove_prefix(pattern.prefix.size());
    if (pattern.rest.matches(subject)) return pattern.keep ? Verdict::kKeep : Verdict::kIgnore;
  }
  return Verdict::kNone;
}

IgnoreChain::IgnoreChain(std::shared_ptr<const IgnoreChain> parent, std::size_t skip, IgnoreFile file)
    : parent_(std::move(parent)), skip_(skip), file_(std::move(file)) {}

// Frees the links one by one: a chain may be as long as a tree is deep, and must not use up the stack.
IgnoreChain::~IgnoreChain() {
  std::shared_ptr<const IgnoreChain> link = std::move(parent_);
  while (link != nullptr && link.use_count() == 1)
    link = std::move(std::const_pointer_cast<IgnoreChain>(link)->parent_);
}

std::shared_ptr<const IgnoreChain> IgnoreChain::extend(std::shared_ptr<const IgnoreChain> parent,
                                                       std::size_t directory_length, IgnoreFile file) {
  const std::size_t skip = directory_length == 0 ? 0 : directory_length + 1;
  return std::shared_ptr<const IgnoreChain>(new IgnoreChain(std::move(parent), skip, std::move(file)));
}

bool IgnoreChain::ignored(std::string_view path, bool is_directory) const noexcept {
  for (const IgnoreChain* link = this; link != nullptr; link = link->parent_.get()) {
    if (path.size() <= link->skip_) continue;
    const IgnoreFile::Verdict verdict = link->file_.match(path.substr(link->skip_), is_directory);
    if (verdict != IgnoreFile::Verdict::kNone) return verdict == IgnoreFile::Verdict::kIgnore;
  }
  return false;
}

}  // namespace mtask::copy
