#include "cli/copy_lists.hpp"

#include "base/text.hpp"
#include "cli/text_file.hpp"

namespace mtask::cli {
namespace {

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

Result<std::string> relative_path(std::string_view entry) {
  std::string path;
  for (const std::string_view component : split(entry, '/')) {
    if (component == ".") continue;
    if (component == "..") {
      return Unexpected(usage_error(quote(entry) + " leaves the source: '..' is not taken"));
    }
    if (!path.empty()) path += '/';
    path += component;
  }
  return path;
}

}  // namespace

Result<std::vector<copy::FilterRule>> parse_rules(std::string_view text) {
  std::vector<copy::FilterRule> rules;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++number;
    if (is_blank(line) || line.front() == '#' || line.front() == ';') continue;
    const bool include = line.starts_with("+ ");
    if (include || line.starts_with("- ")) line.remove_prefix(2);
    if (is_blank(line)) {
      return Unexpected(usage_error("line " + std::to_string(number) + " holds no pattern"));
    }
    rules.push_back({include, std::string(line)});
  }
  return rules;
}

Result<std::vector<std::string>> parse_paths(std::string_view text, char separator) {
  std::vector<std::string> paths;
  for (const std::string_view entry : split(text, separator)) {
    auto path = relative_path(entry);
    if (!path) return Unexpected(std::move(path).error());
    if (!path->empty()) paths.push_back(std::move(*path));
  }
  return paths;
}

}  // namespace mtask::cli
