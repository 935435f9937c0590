#pragma once
// Starts programs by a child that shares this process's memory until it executes (vfork's way): nothing is copied, and
// whether the program could be executed is known at once.

#include <signal.h>
#include <sys/resource.h>
#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace mtask::os {

struct LaunchOutcome {
  enum class Step : std::uint8_t { kStarted, kInput, kFork, kDirectory, kExecute };
  Step step = Step::kStarted;
  int error = 0;
};

struct Launch {
  const char* path = nullptr;
  char** argv = nullptr;  // argv[-1] is there, too; it and argv[0] may be overwritten
  char** environment = nullptr;
  const char* workdir = "";             // empty: the current one
  const sigset_t* mask = nullptr;       // of blocked signals
  std::span<const int> defaults{};      // signals that get their default action
  const rlimit* descriptors = nullptr;  // null: as they are
  int input = -1;                       // becomes standard input; -1: as it is. Above 2.
  int output = -1;                      // becomes standard output, likewise
  bool own_group = false;
  pid_t parent = 0;  // this process: the program dies (SIGKILL) with the thread of it that launches
  LaunchOutcome outcome{};
};

inline constexpr std::size_t kLaunchStack = 64U << 10;

// `stack`: kLaunchStack bytes. The kernel writes the child's number to `pid` before the program's first instruction; a
// child that could not execute is reaped. Block signals that have handlers here: until it executes, the child would run
// them.
LaunchOutcome launch(Launch& launch, char* stack, pid_t* pid);

// The path of the first file in the folders of `search_path`, as $PATH has them, that can be executed; empty, with
// errno set, when there is none.
[[nodiscard]] std::string find_program(std::string_view command, std::string_view search_path);

// What a shell would say.
[[nodiscard]] std::string sentence(const LaunchOutcome& outcome, std::string_view command, std::string_view workdir);

}  // namespace mtask::os
