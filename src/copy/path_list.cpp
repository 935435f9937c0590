#include "copy/path_list.hpp"

#include <algorithm>

namespace mtask::copy {

namespace {

// '/' sorts below every other byte, so all that lies below a directory follows it without anything in between.
bool sorts_before(std::string_view a, std::string_view b) noexcept {
  const std::size_t common = std::min(a.size(), b.size());
  const auto [at_a, at_b] = std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(common), b.begin());
  if (at_a == a.begin() + static_cast<std::ptrdiff_t>(common)) return a.size() < b.size();
  if (*at_a == '/' || *at_b == '/') return *at_a == '/';
  return static_cast<unsigned char>(*at_a) < static_cast<unsigned char>(*at_b);
}

// `path` is `directory` or lies below it.
bool is_within(std::string_view path, std::string_view directory) noexcept {
  return path.starts_with(directory) && (path.size() == directory.size() || path[directory.size()] == '/');
}

// Normalises in place; false when the path is to be refused.
bool normalise(std::string& path) {
  if (path.find('\0') != std::string::npos) return false;
  std::size_t kept = 0;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view component = std::string_view(path).substr(at, end - at);
    if (component == "..") return false;
    if (!component.empty() && component != ".") {
      if (kept != 0) path[kept++] = '/';
      if (kept != at) std::copy(component.begin(), component.end(), path.begin() + static_cast<std::ptrdiff_t>(kept));
      kept += end - at;
    }
    at = end + 1;
  }
  path.resize(kept);
  return true;
}

}  // namespace

PathList::PathList(std::vector<std::string> relative_paths) {
  const auto refused = [this](std::string& path) {
    std::string given = path;
    if (normalise(path)) return path.empty();
    refused_.push_back(std::move(given));
    return true;
  };
  std::erase_if(relative_paths, refused);
  std::sort(relative_paths.begin(), relative_paths.end(), sorts_before);
  relative_paths.erase(std::unique(relative_paths.begin(), relative_paths.end()), relative_paths.end());

  std::size_t total = 0;
  for (const std::string& each : relative_paths) total += each.size();
  bytes_.reserve(total);
  offsets_.reserve(relative_paths.size() + 1);
  offsets_.push_back(0);
  for (const std::string& each : relative_paths) {
    bytes_ += each;
    offsets_.push_back(bytes_.size());
  }
}

std::string_view PathList::path(std::size_t index) const noexcept {
  return std::string_view(bytes_).substr(offsets_[index], offsets_[index + 1] - offsets_[index]);
}

bool PathList::contains(std::string_view wanted) const noexcept {
  std::size_t low = 0;
  for (std::size_t high = size(); low < high;) {
    const std::size_t middle = low + (high - low) / 2;
    if (sorts_before(path(middle), wanted)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < size() && path(low) == wanted;
}

std::vector<std::string_view> PathList::below(std::string_view directory) const {
  std::vector<std::string_view> paths;
  for (std::size_t at = first_below(directory); at < size(); ++at) {
    if (!directory.empty() && !is_within(path(at), directory)) break;
    paths.push_back(path(at));
  }
  return paths;
}

std::size_t PathList::first_below(std::string_view directory) const noexcept {
  if (directory.empty()) return 0;
  std::size_t low = 0;
  for (std::size_t high = size(); low < high;) {
    const std::size_t middle = low + (high - low) / 2;
    const std::string_view candidate = path(middle);
    if (candidate == directory || sorts_before(candidate, directory)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

std::optional<PathList::Child> PathList::child_at(std::size_t index, std::string_view directory,
                                                  std::size_t skip) const noexcept {
  if (index >= size() || (skip != 0 && !is_within(path(index), directory))) return std::nullopt;
  const std::string_view first = path(index);
  const std::string_view whole = first.substr(0, first.find('/', skip));

  // Strides that double, then halves: `inside` is the child or below it, `outside` is not.
  std::size_t inside = index;
  std::size_t outside = size();
  for (std::size_t stride = 1; stride < outside - inside; stride *= 2) {
    if (!is_within(path(inside + stride), whole)) {
      outside = inside + stride;
      break;
    }
    inside += stride;
  }
  while (outside - inside > 1) {
    const std::size_t middle = inside + (outside - inside) / 2;
    (is_within(path(middle), whole) ? inside : outside) = middle;
  }
  return Child{whole.substr(skip), path(inside) != whole, outside};
}

}  // namespace mtask::copy
