#include "pool/results_layout.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "base/text.hpp"
#include "pool/results_name.hpp"

namespace mtask::pool {
namespace {

// Letters, digits, _ - and blanks, as headers have them, and no number; others are parallel's other replacement
// strings.
bool is_name(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == ' ' || static_cast<unsigned char>(c) >= 0x80;
  };
  return text.find_first_not_of("0123456789") != std::string_view::npos && text[0] != '-' &&
         std::all_of(text.begin(), text.end(), fits);
}

// `ending` is in lower case.
bool ends_in(std::string_view text, std::string_view ending) {
  if (text.size() < ending.size()) return false;
  const auto same = [](char c, char lower) { return (c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c) == lower; };
  return std::equal(ending.rbegin(), ending.rend(), text.rbegin(), [&](char lower, char c) { return same(c, lower); });
}

bool has_dotdot(std::string_view path) {
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    if (path.substr(begin, end - begin) == "..") return true;
    begin = end + 1;
  }
  return false;
}

ResultFiles in_folder(const std::string& folder) { return {folder + "stdout", folder + "stderr", folder + "seq"}; }

}  // namespace

Result<ResultsLayout> parse_results(std::string_view text) {
  using Kind = ResultsLayout::Part::Kind;
  if (text.empty()) return Unexpected(usage_error("the name of the folder for the results is empty"));
  for (const std::string_view ending : {".csv", ".tsv", ".json"}) {
    if (ends_in(text, ending)) {
      return Unexpected(usage_error("results can't be written to one file " + quote(text) +
                                    ": name a folder, or a template such as DIR/{#}/"));
    }
  }
  ResultsLayout layout;
  layout.text_ = text;
  std::size_t at = 0;
  for (;;) {
    const std::size_t open = text.find('{', at);
    if (open == std::string_view::npos) break;
    if (open > at) layout.parts_.push_back({Kind::kLiteral, std::string(text.substr(at, open - at)), 0});
    const std::size_t close = text.find('}', open);
    const std::string_view inner =
        close == std::string_view::npos ? "{" : text.substr(open + 1, close - open - 1);  // "{" is no name
    ResultsLayout::Part part;
    const auto [end, error] = std::from_chars(inner.data(), inner.data() + inner.size(), part.position);
    if (inner.empty() || inner == "#") {
      part.kind = inner.empty() ? Kind::kAll : Kind::kSeq;
    } else if (error == std::errc() && end == inner.data() + inner.size() && part.position > 0) {
      part.kind = Kind::kPosition;
    } else if (is_name(inner)) {
      part.kind = Kind::kName;
      part.text = inner;
    } else {
      return Unexpected(usage_error("results can't be named by " + quote(text.substr(open, close - open + 1)) + " in " +
                                    quote(text) + ": only {}, {#}, {1}, {2} … and {name} are possible there"));
    }
    layout.parts_.push_back(std::move(part));
    at = close + 1;
  }
  if (!layout.parts_.empty() && at < text.size()) {
    layout.parts_.push_back({Kind::kLiteral, std::string(text.substr(at)), 0});
  }
  return layout;
}

Result<ResultFiles> ResultsLayout::files(const JobSpec& job) const {
  if (!parts_.empty()) return rendered(job);
  std::string folder = text_ + '/';
  if (job.values.empty()) folder += std::to_string(job.seq) + '/';
  for (const std::size_t index : results_order(job.values)) {
    const auto& [name, value] = job.values[index];
    folder.append(results_name(name)).append(1, '/').append(results_name(value)).append(1, '/');
  }
  return in_folder(folder);
}

Result<ResultFiles> ResultsLayout::rendered(const JobSpec& job) const {
  std::string path;
  std::size_t ours = 0;  // bytes that no value has a part in: the template's folder
  for (const Part& part : parts_) {
    if (&part == &parts_.front() && part.kind == Part::Kind::kLiteral) ours = part.text.rfind('/') + 1;
    if (auto done = append(part, job, path); !done) return Unexpected(std::move(done).error());
  }
  const std::string_view below = std::string_view(path).substr(ours);
  if (has_dotdot(below) || (ours == 0 && path.starts_with('/'))) {
    return Unexpected(
        Error{ErrorKind::kItem, {}, "the results would be written outside of their folder: " + quote(path)});
  }
  if (path.ends_with('/')) return in_folder(path);
  return ResultFiles{path, path + ".err", path + ".seq"};
}

Result<void> ResultsLayout::append(const Part& part, const JobSpec& job, std::string& path) const {
  switch (part.kind) {
    case Part::Kind::kLiteral:
      path += part.text;
      return {};
    case Part::Kind::kSeq:
      path += std::to_string(job.seq);
      return {};
    case Part::Kind::kAll:
      for (std::size_t i = 0; i < job.values.size(); ++i) path.append(i == 0 ? "" : " ").append(job.values[i].second);
      return {};
    case Part::Kind::kPosition:
      if (part.position <= job.values.size()) path += job.values[part.position - 1].second;
      return {};
    case Part::Kind::kName:
      break;
  }
  const auto found =
      std::find_if(job.values.begin(), job.values.end(), [&](const auto& each) { return each.first == part.text; });
  if (found == job.values.end()) {
    return Unexpected(
        usage_error("results are to be named by " + quote('{' + part.text + '}') + ", which no input has as its name"));
  }
  path += found->second;
  return {};
}

Result<void> make_folder_of(const std::string& path) {
  const std::size_t length = path.rfind('/');
  if (length == std::string::npos || length == 0) return {};
  const std::string folder = path.substr(0, length);
  // From below: all but the last folders mostly exist.
  std::size_t end = folder.size();
  while (::mkdir(folder.substr(0, end).c_str(), 0777) != 0 && errno != EEXIST) {
    const std::size_t slash = errno == ENOENT && end > 0 ? folder.rfind('/', end - 1) : std::string::npos;
    if (slash == std::string::npos || slash == 0) {
      return Unexpected(system_error(ErrorKind::kItem, errno, "cannot make the folder " + quote(folder)));
    }
    end = slash;
  }
  while (end < folder.size()) {
    end = std::min(folder.find('/', end + 1), folder.size());
    if (::mkdir(folder.substr(0, end).c_str(), 0777) != 0 && errno != EEXIST) {
      return Unexpected(system_error(ErrorKind::kItem, errno, "cannot make the folder " + quote(folder)));
    }
  }
  return {};
}

}  // namespace mtask::pool
