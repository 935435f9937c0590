#include "support/copy_command.hpp"

#include <algorithm>

#include "support/files.hpp"

namespace mtask::test {
Command mtask_command(const std::vector<std::string>& args, const std::string& binary) {
  Command command;
  command.argv = {binary};
  command.argv.insert(command.argv.end(), args.begin(), args.end());
  command.env["LC_ALL"] = "C.UTF-8";
  command.env["XDG_CONFIG_HOME"] = "/nonexistent";
  return command;
}

std::vector<std::string> temporary_names(const std::filesystem::path& root) {
  std::vector<std::string> found = paths_below(root);
  std::erase_if(found, [](const std::string& path) {
    const std::string name = path.substr(path.rfind('/') + 1);
    return name.rfind(".mtask-", 0) != 0;
  });
  return found;
}

std::size_t count_lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace mtask::test
