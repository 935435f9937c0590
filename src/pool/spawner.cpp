#include "pool/spawner.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace mtask::pool {
namespace {

extern "C" void on_child_signal(int) {}

}  // namespace

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
    : own_group_(!config.terminal), stack_(std::make_unique<char[]>(os::kLaunchStack)) {
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

Spawner::Outcome Spawner::launch(os::Launch& launch, std::atomic<std::int32_t>& pid) {
  static_assert(sizeof(pid) == sizeof(pid_t));
  const Outcome outcome = os::launch(launch, stack_.get(), reinterpret_cast<pid_t*>(&pid));
  if (outcome.step != Outcome::Step::kStarted) pid.store(0);
  return outcome;
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
  os::Launch todo;
  todo.path = arguments[0];
  todo.argv = argv_.data() + 1;
  todo.environment = environment_.data();
  todo.workdir = workdir;
  todo.mask = &none;
  todo.descriptors = descriptors_ ? &*descriptors_ : nullptr;
  todo.own_group = own_group_;
  todo.parent = own_pid_;
  const std::string command = arguments[0];
  if (command.find('/') != std::string::npos) return launch(todo, pid);
  if (command.empty()) return {Outcome::Step::kExecute, ENOENT};
  auto known = found_.find(command);
  for (bool again = known != found_.end();; again = false) {
    if (!again) {
      const std::string path = os::find_program(command, search_path_);
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

int exit_code(const Spawner::Outcome& outcome) noexcept {
  return outcome.step == Spawner::Outcome::Step::kExecute && outcome.error == ENOENT ? 127 : 126;
}

}  // namespace mtask::pool
