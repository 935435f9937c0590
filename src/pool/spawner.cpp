#include "pool/spawner.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/text.hpp"
#include "os/syscall.hpp"

namespace mtask::pool {
namespace {

constexpr std::size_t kStack = 64U << 10;
const char* const kShell = "/bin/sh";

extern "C" void on_child_signal(int) {}

bool can_execute(const std::string& path, bool& denied) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || S_ISDIR(status.st_mode)) return false;
  if (S_ISREG(status.st_mode) && ::faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0) return true;
  denied = true;
  return false;
}

}  // namespace

struct Spawner::Launch {
  const char* path;
  char** argv;  // argv[-1] may be overwritten
  char** environment;
  const char* workdir;
  const sigset_t* mask;
  const rlimit* descriptors;  // null: as they are
  bool own_group;
  pid_t worker;
  Outcome outcome;
};

std::vector<int> ignored_stop_signals() {
  std::vector<int> ignored;
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction action {};
    ::sigaction(number, nullptr, &action);
    if (action.sa_handler == SIG_IGN) ignored.push_back(number);
  }
  return ignored;
}

Spawner::Spawner(const Config& config, std::uint32_t slot_number, pid_t supervisor)
    : own_group_(!config.terminal), stack_(std::make_unique<char[]>(kStack)) {
  std::vector<std::pair<std::string, std::string>> own = config.environment;
  own.emplace_back("PARALLEL_PID", std::to_string(supervisor));
  own.emplace_back("PARALLEL_JOBSLOT", std::to_string(slot_number));
  own.emplace_back("PARALLEL_SEQ", "");
  own.emplace_back("MTASK_SEQ", "");
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::string_view name = text.substr(0, text.find('='));
    if (std::none_of(own.begin(), own.end(), [&](const auto& pair) { return pair.first == name; })) {
      variables_.emplace_back(text);
    }
  }
  for (const auto& [name, value] : own) variables_.push_back(name + "=" + value);
  for (std::string& variable : variables_) environment_.push_back(variable.data());
  environment_.push_back(nullptr);
  const char* path = ::getenv("PATH");
  search_path_ = path != nullptr ? path : "/bin:/usr/bin";
}

void Spawner::prepare(const std::vector<int>& ignored, const std::optional<rlimit>& descriptors) {
  descriptors_ = descriptors;
  own_pid_ = ::getpid();
  sigset_t all;
  sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, nullptr);
  wait_mask_ = all;
  sigdelset(&wait_mask_, SIGCHLD);
  struct sigaction action {};
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ}) {
    action.sa_handler = std::find(ignored.begin(), ignored.end(), number) == ignored.end() ? SIG_DFL : SIG_IGN;
    ::sigaction(number, &action, nullptr);
  }
  action.sa_handler = on_child_signal;
  action.sa_flags = SA_NOCLDSTOP;
  ::sigaction(SIGCHLD, &action, nullptr);
}

// Shares the worker's memory, which stands still meanwhile: plain system calls only.
int Spawner::child(void* pointer) {
  auto& launch = *static_cast<Launch*>(pointer);
  if (launch.own_group) ::syscall(SYS_setpgid, 0, 0);
  ::syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (::syscall(SYS_getppid) != launch.worker) return 127;  // the worker died before the line above
  ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, launch.mask, nullptr, _NSIG / 8);
  if (launch.descriptors != nullptr) ::syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, launch.descriptors, nullptr);
  if (*launch.workdir != '\0' && ::syscall(SYS_chdir, launch.workdir) != 0) {
    launch.outcome = {Outcome::Step::kDirectory, errno};
    return 127;
  }
  ::syscall(SYS_execve, launch.path, launch.argv, launch.environment);
  int error = errno;
  if (error == ENOEXEC) {
    launch.argv[0] = const_cast<char*>(launch.path);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
    ::syscall(SYS_execve, kShell, launch.argv - 1, launch.environment);
    error = errno;
  }
  launch.outcome = {Outcome::Step::kExecute, error};
  return 127;
}

// The path of the first file that can be executed; empty with errno when there is none.
std::string Spawner::look_up(std::string_view command) const {
  bool denied = false;
  std::size_t at = 0;
  while (at <= search_path_.size()) {
    const std::size_t end = std::min(search_path_.find(':', at), search_path_.size());
    std::string path = search_path_.substr(at, end - at);
    if (!path.empty()) path += '/';
    path += command;
    if (can_execute(path, denied)) return path;
    at = end + 1;
  }
  errno = denied ? EACCES : ENOENT;
  return {};
}

Spawner::Outcome Spawner::launch(Launch& launch, std::atomic<std::int32_t>& pid) {
  static_assert(sizeof(pid) == sizeof(pid_t));
  char* const top = stack_.get() + kStack;
  const int started = ::clone(&Spawner::child, top, CLONE_VM | CLONE_VFORK | CLONE_PARENT_SETTID | SIGCHLD, &launch,
                              reinterpret_cast<pid_t*>(&pid), nullptr, nullptr);
  if (started == -1) {
    const int error = errno;
    pid.store(0);
    return {Outcome::Step::kFork, error};
  }
  if (launch.outcome.step != Outcome::Step::kStarted) {
    os::retry([&] { return ::waitpid(started, nullptr, 0); });
    pid.store(0);
  }
  return launch.outcome;
}

Spawner::Outcome Spawner::start(const std::vector<const char*>& arguments, const char* workdir, std::uint64_t seq,
                                std::atomic<std::int32_t>& pid) {
  const std::string number = std::to_string(seq);
  const std::size_t last = variables_.size() - 1;
  variables_[last - 1].replace(sizeof("PARALLEL_SEQ=") - 1, std::string::npos, number);
  variables_[last].replace(sizeof("MTASK_SEQ=") - 1, std::string::npos, number);
  environment_[last - 1] = variables_[last - 1].data();
  environment_[last] = variables_[last].data();

  argv_.assign(1, const_cast<char*>("sh"));  // NOLINT(cppcoreguidelines-pro-type-const-cast): execve writes nothing
  for (const char* word : arguments) argv_.push_back(const_cast<char*>(word));  // NOLINT
  argv_.push_back(nullptr);
  sigset_t none;
  sigemptyset(&none);
  Launch todo{arguments[0],
              argv_.data() + 1,
              environment_.data(),
              workdir,
              &none,
              descriptors_ ? &*descriptors_ : nullptr,
              own_group_,
              own_pid_,
              {}};
  const std::string command = arguments[0];
  if (command.find('/') != std::string::npos) return launch(todo, pid);
  if (command.empty()) return {Outcome::Step::kExecute, ENOENT};
  auto known = found_.find(command);
  for (bool again = known != found_.end();; again = false) {
    if (!again) {
      const std::string path = look_up(command);
      if (path.empty()) return {Outcome::Step::kExecute, errno};
      known = found_.insert_or_assign(command, path).first;
    }
    todo.path = known->second.c_str();
    todo.argv[0] = argv_[1] = const_cast<char*>(arguments[0]);  // NOLINT
    todo.outcome = {};
    const Outcome outcome = launch(todo, pid);
    const bool moved = outcome.step == Outcome::Step::kExecute && (outcome.error == ENOENT || outcome.error == EACCES);
    if (!again || !moved) return outcome;
  }
}

std::string sentence(const Spawner::Outcome& outcome, std::string_view command, std::string_view workdir) {
  const std::string reason = std::generic_category().message(outcome.error);
  if (outcome.step == Spawner::Outcome::Step::kDirectory) return "cannot enter " + quote(workdir) + ": " + reason;
  if (outcome.step == Spawner::Outcome::Step::kInput) return "cannot open its standard input: " + reason;
  if (outcome.step == Spawner::Outcome::Step::kFork) return "cannot start a process: " + reason;
  if (outcome.error == ENOENT && command.find('/') == std::string_view::npos) {
    return "cannot run " + quote(command) + ": command not found";
  }
  return "cannot run " + quote(command) + ": " + reason;
}

int exit_code(const Spawner::Outcome& outcome) noexcept {
  return outcome.step == Spawner::Outcome::Step::kExecute && outcome.error == ENOENT ? 127 : 126;
}

}  // namespace mtask::pool
