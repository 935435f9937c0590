#include "support/pool_command.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace mtask::test {

namespace {

template <class Wanted>
std::vector<pid_t> processes_whose_line(Wanted wanted) {
  std::vector<pid_t> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const pid_t pid = static_cast<pid_t>(std::atol(entry.path().filename().c_str()));
    if (pid <= 0 || pid == ::getpid()) continue;
    std::ifstream file(entry.path() / "cmdline", std::ios::binary);
    std::ostringstream line;
    line << file.rdbuf();  // a process may go while it is read: nothing is inserted then
    if (wanted(line.str())) found.push_back(pid);
  }
  return found;
}

}  // namespace

Command pool_command(std::vector<std::string> arguments, std::string input, std::string cwd) {
  arguments.insert(arguments.begin(), "pool");
  Command command = mtask_command(arguments);
  command.env["SHELL"] = "/bin/sh";
  command.input = std::move(input);
  command.cwd = std::move(cwd);
  return command;
}

Outcome pool(std::vector<std::string> arguments, std::string input, std::string cwd) {
  return run(pool_command(std::move(arguments), std::move(input), std::move(cwd)));
}

std::string own_mark(const std::string& seconds) {
  const std::string pid = std::to_string(::getpid());
  return seconds + "." + std::string(10 - pid.size(), '0') + pid;
}

std::vector<pid_t> processes_with(const std::string& mark) {
  return processes_whose_line([&](const std::string& line) { return line.find(mark) != std::string::npos; });
}

std::vector<pid_t> sleepers(const std::string& mark) {
  const std::string wanted = std::string("sleep") + '\0' + mark + '\0';
  return processes_whose_line([&](const std::string& line) { return line == wanted; });
}

bool none_left_with(const std::string& mark, std::chrono::milliseconds time) {
  const auto deadline = std::chrono::steady_clock::now() + time;
  while (!processes_with(mark).empty()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

}  // namespace mtask::test
