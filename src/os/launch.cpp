#include "os/launch.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/text.hpp"
#include "os/syscall.hpp"

namespace mtask::os {
namespace {

const char* const kShell = "/bin/sh";

bool can_execute(const std::string& path, bool& denied) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || S_ISDIR(status.st_mode)) return false;
  if (S_ISREG(status.st_mode) && ::faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0) return true;
  denied = true;
  return false;
}

// Shares the parent's memory, which stands still meanwhile: plain system calls only.
int child(void* pointer) {
  auto& launch = *static_cast<Launch*>(pointer);
  using Step = LaunchOutcome::Step;
  if (launch.own_group) ::syscall(SYS_setpgid, 0, 0);
  ::syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (::syscall(SYS_getppid) != launch.parent) return 127;  // the parent died before the line above
  for (const int number : launch.defaults) {
    struct sigaction action {};
    action.sa_handler = SIG_DFL;
    ::sigaction(number, &action, nullptr);
  }
  ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, launch.mask, nullptr, _NSIG / 8);
  if (launch.descriptors != nullptr) ::syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, launch.descriptors, nullptr);
  if ((launch.input != -1 && ::syscall(SYS_dup3, launch.input, STDIN_FILENO, 0) == -1) ||
      (launch.output != -1 && ::syscall(SYS_dup3, launch.output, STDOUT_FILENO, 0) == -1)) {
    launch.outcome = {Step::kInput, errno};
    return 127;
  }
  if (*launch.workdir != '\0' && ::syscall(SYS_chdir, launch.workdir) != 0) {
    launch.outcome = {Step::kDirectory, errno};
    return 127;
  }
  ::syscall(SYS_execve, launch.path, launch.argv, launch.environment);
  int error = errno;
  if (error == ENOEXEC) {
    launch.argv[0] = const_cast<char*>(launch.path);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
    ::syscall(SYS_execve, kShell, launch.argv - 1, launch.environment);
    error = errno;
  }
  launch.outcome = {Step::kExecute, error};
  return 127;
}

}  // namespace

LaunchOutcome launch(Launch& launch, char* stack, pid_t* pid) {
  const int started = ::clone(&child, stack + kLaunchStack, CLONE_VM | CLONE_VFORK | CLONE_PARENT_SETTID | SIGCHLD,
                              &launch, pid, nullptr, nullptr);
  if (started == -1) return {LaunchOutcome::Step::kFork, errno};
  if (launch.outcome.step != LaunchOutcome::Step::kStarted) retry([&] { return ::waitpid(started, nullptr, 0); });
  return launch.outcome;
}

std::string find_program(std::string_view command, std::string_view search_path) {
  bool denied = false;
  std::size_t at = 0;
  while (at <= search_path.size()) {
    const std::size_t end = std::min(search_path.find(':', at), search_path.size());
    std::string path(search_path.substr(at, end - at));
    if (!path.empty()) path += '/';
    path += command;
    if (can_execute(path, denied)) return path;
    at = end + 1;
  }
  errno = denied ? EACCES : ENOENT;
  return {};
}

std::string sentence(const LaunchOutcome& outcome, std::string_view command, std::string_view workdir) {
  using Step = LaunchOutcome::Step;
  const std::string reason = std::generic_category().message(outcome.error);
  if (outcome.step == Step::kDirectory) return "cannot enter " + quote(workdir) + ": " + reason;
  if (outcome.step == Step::kInput) return "cannot open its standard input: " + reason;
  if (outcome.step == Step::kFork) return "cannot start a process: " + reason;
  if (outcome.error == ENOENT && command.find('/') == std::string_view::npos) {
    return "cannot run " + quote(command) + ": command not found";
  }
  return "cannot run " + quote(command) + ": " + reason;
}

}  // namespace mtask::os
