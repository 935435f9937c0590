#include "cli/copy_outputs.hpp"

#include <sys/stat.h>

#include <string>
#include <vector>

#include "base/text.hpp"

namespace mtask::cli {
namespace {

// A file, or the place where one would be made: a name in a directory.
struct Place {
  bool known = false;
  dev_t device = 0;
  ino_t inode = 0;
  std::string name;  // empty: the file itself

  bool operator==(const Place& other) const {
    return known && other.known && device == other.device && inode == other.inode && name == other.name;
  }
};

struct Named {
  std::string what;
  std::string path;
  Place place;
};

std::string without_trailing_slashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

std::string last_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

Place place_of(const std::string& given) {
  struct stat status {};
  const std::string path = without_trailing_slashes(given);
  if (::stat(path.c_str(), &status) == 0) return {true, status.st_dev, status.st_ino, {}};
  const std::size_t slash = path.rfind('/');
  const std::string parent = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  if (::stat(parent.c_str(), &status) != 0) return {};
  return {true, status.st_dev, status.st_ino, last_name(path)};
}

bool is_stream(const std::string& path) {  // a device or pipe takes what several write
  struct stat status {};
  return path == "-" || (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode));
}

std::vector<Named> outputs_of(const SharedArguments& arguments) {
  std::vector<Named> outputs;
  const auto add = [&outputs](const char* option, const std::string& path) {
    if (!path.empty() && !is_stream(path)) outputs.push_back({option, path, place_of(path)});
  };
  add("--log-file", arguments.log_file);
  add("--json", arguments.json.value_or(""));
  add("--report", arguments.report.value_or(""));
  add("--trace", arguments.trace.value_or(""));
  return outputs;
}

std::vector<Named> operands_of(const copy::Config& config) {
  std::vector<Named> operands;
  const auto add = [&operands](const char* what, const std::string& path) {
    operands.push_back({what, path, place_of(path)});
  };
  add("the destination", config.destination);
  for (const std::string& source : config.sources) {
    add("a source", source);
    add("what a source becomes", config.destination + '/' + last_name(without_trailing_slashes(source)));
  }
  return operands;
}

}  // namespace

Result<void> keep_outputs_apart(const SharedArguments& arguments, const copy::Config& config) {
  const std::vector<Named> outputs = outputs_of(arguments);
  if (outputs.empty()) return {};
  std::vector<Named> taken = operands_of(config);
  for (const Named& output : outputs) {
    for (const Named& other : taken) {
      if (!(output.place == other.place)) continue;
      return Unexpected(usage_error(output.what + ": " + quote(output.path) + " is " + other.what));
    }
    taken.push_back({"written by " + output.what + " too", output.path, output.place});
  }
  return {};
}

}  // namespace mtask::cli
