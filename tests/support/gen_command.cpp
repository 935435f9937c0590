#include "support/gen_command.hpp"

#include <utility>

#include "support/copy_command.hpp"

namespace mtask::test {

Command gen_command(std::vector<std::string> arguments, std::string input, std::string cwd) {
  arguments.insert(arguments.begin(), "gen");
  Command command = mtask_command(arguments);
  command.input = std::move(input);
  command.cwd = std::move(cwd);
  return command;
}

Outcome gen(std::vector<std::string> arguments, std::string input, std::string cwd) {
  return run(gen_command(std::move(arguments), std::move(input), std::move(cwd)));
}

std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  bool open = false;
  bool quoted = false;
  for (const char c : line) {
    if (c == '\'') {
      quoted = !quoted;
      if (!open) words.emplace_back();
      open = true;
    } else if (c == ' ' && !quoted) {
      open = false;
    } else {
      if (!open) words.emplace_back();
      open = true;
      words.back() += c;
    }
  }
  return words;
}

}  // namespace mtask::test
