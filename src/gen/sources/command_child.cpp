#include "gen/sources/command_child.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <memory>

#include "mtask/io.hpp"
#include "mtask/when.hpp"
#include "os/launch.hpp"
#include "os/signals_blocked.hpp"
#include "os/syscall.hpp"

namespace mtask::gen {
namespace {

// Standard descriptors that are closed here would otherwise be taken, and be overwritten in the child.
UniqueFd above_standard(UniqueFd fd) {
  if (fd.get() > STDERR_FILENO || fd.get() == -1) return fd;
  return UniqueFd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

// Signals that are handled or ignored here, but were not before this program began.
std::vector<int> changed_signals() {
  std::vector<int> changed{SIGPIPE, SIGXFSZ};
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction action {};
    ::sigaction(number, nullptr, &action);
    if (action.sa_handler != SIG_IGN) changed.push_back(number);
  }
  return changed;
}

struct Ends {
  UniqueFd input;   // /dev/null
  UniqueFd reader;  // of the pipe
  UniqueFd writer;
};

Result<Ends> open_ends() {
  std::array<int, 2> pipe{-1, -1};
  if (::pipe2(pipe.data(), O_CLOEXEC) == -1)
    return Unexpected(system_error(ErrorKind::kItem, errno, "cannot create a pipe"));
  Ends ends;
  ends.reader = above_standard(UniqueFd(pipe[0]));
  ends.writer = above_standard(UniqueFd(pipe[1]));
  ends.input = above_standard(UniqueFd(os::retry([] { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); })));
  if (!ends.reader || !ends.writer || !ends.input || ::fcntl(ends.reader.get(), F_SETFL, O_NONBLOCK) == -1) {
    return Unexpected(system_error(ErrorKind::kItem, errno, "cannot open /dev/null and a pipe"));
  }
  return ends;
}

}  // namespace

Result<CommandChild> CommandChild::start(const std::vector<std::string>& words) {
  auto ends = open_ends();
  if (!ends) return Unexpected(std::move(ends).error());
  std::vector<char*> argv{
      const_cast<char*>("sh")};  // NOLINT(cppcoreguidelines-pro-type-const-cast): nobody writes there
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));  // NOLINT
  argv.push_back(nullptr);
  const std::vector<int> defaults = changed_signals();
  sigset_t none;
  sigemptyset(&none);
  std::string path = words.front();
  os::Launch todo;
  todo.argv = argv.data() + 1;
  todo.environment = environ;
  todo.mask = &none;
  todo.defaults = defaults;
  todo.input = ends->input.get();
  todo.output = ends->writer.get();
  todo.own_group = true;
  todo.parent = ::getpid();
  os::LaunchOutcome outcome{os::LaunchOutcome::Step::kExecute, ENOENT};
  if (!path.empty() && path.find('/') == std::string::npos) {
    const char* const search = std::getenv("PATH");
    path = os::find_program(path, search != nullptr ? search : "/bin:/usr/bin");
    outcome.error = path.empty() ? errno : 0;
  }
  pid_t pid = -1;
  if (!path.empty()) {
    todo.path = path.c_str();
    const std::unique_ptr<char[]> stack(new char[os::kLaunchStack]);
    const os::SignalsBlocked blocked;
    outcome = os::launch(todo, stack.get(), &pid);
  }
  if (outcome.step != os::LaunchOutcome::Step::kStarted) {
    return Unexpected(Error{ErrorKind::kItem, {}, os::sentence(outcome, words.front(), "")});
  }
  CommandChild child(pid, UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))), std::move(ends->reader));
  if (!child.pidfd_) return Unexpected(system_error(ErrorKind::kItem, errno, "cannot watch a process"));
  return child;
}

CommandChild::CommandChild(CommandChild&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), pidfd_(std::move(other.pidfd_)), output_(std::move(other.output_)) {}

CommandChild& CommandChild::operator=(CommandChild&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(pidfd_, other.pidfd_);
  std::swap(output_, other.output_);
  return *this;
}

CommandChild::~CommandChild() {
  if (pid_ == -1) return;
  ::kill(-pid_, SIGKILL);
  os::retry([this] { return ::waitpid(pid_, nullptr, 0); });
}

task<Result<int>> CommandChild::wait() {
  Result<int> status = co_await child_exit(pidfd(pidfd_.get()));
  if (status || status.error().code == std::errc::no_child_process) pid_ = -1;
  co_return status;
}

// Its end, and that of all who have its output, is not to be reaped: the group's number stays taken.
task<void> CommandChild::gone() {
  std::vector<std::byte> dropped(64U << 10U);
  for (;;) {
    co_await readable(output_.get());
    const ssize_t count = ::read(output_.get(), dropped.data(), dropped.size());
    if (count == 0 || (count == -1 && errno != EAGAIN && errno != EINTR)) break;
  }
  co_await readable(pidfd_.get());
}

task<void> CommandChild::end(std::chrono::nanoseconds grace) {
  if (pid_ == -1) co_return;
  ::kill(-pid_, SIGTERM);
  static_cast<void>(co_await with_timeout(grace, gone()));
  ::kill(-pid_, SIGKILL);
  static_cast<void>(co_await wait());
}

}  // namespace mtask::gen
