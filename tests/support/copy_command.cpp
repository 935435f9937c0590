#include "support/copy_command.hpp"

#include <algorithm>

#include "support/files.hpp"
#include "support/sanitizer.hpp"

namespace mtask::test {
Command mtask_command(const std::vector<std::string>& args, const std::string& binary) {
  Command command;
  command.argv = {binary};
  command.argv.insert(command.argv.end(), args.begin(), args.end());
  command.env["LC_ALL"] = "C.UTF-8";
  command.env["XDG_CONFIG_HOME"] = "/nonexistent";
  return command;
}

Command copy_command(std::vector<std::string> args) {
  args.insert(args.begin(), "copy");
  args.insert(args.end(), {"--workers", "3"});
  return mtask_command(args);
}

Outcome copy(std::vector<std::string> args) { return run(copy_command(std::move(args))); }

Command killable_copy(std::vector<std::string> args) {
  Command command = copy_command(std::move(args));
  add_asan_option(command, "detect_leaks=0");
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
