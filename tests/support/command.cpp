#include "support/command.hpp"

#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

#include "support/processes.hpp"

namespace mtask::test {
namespace {

[[noreturn]] void fail(const std::string& what, int error = errno) {
  throw std::system_error(error, std::generic_category(), what);
}

int anonymous_file(const char* name, const std::string& content = {}) {
  const int fd = ::memfd_create(name, MFD_CLOEXEC);
  if (fd < 0) fail("memfd_create");
  std::size_t done = 0;
  while (done < content.size()) {
    const ssize_t n = ::pwrite(fd, content.data() + done, content.size() - done, static_cast<off_t>(done));
    if (n <= 0) fail("writing a command's input");
    done += static_cast<std::size_t>(n);
  }
  return fd;
}

std::string content_of(int fd) {
  struct stat st {};
  if (::fstat(fd, &st) != 0) fail("fstat");
  std::string text(static_cast<std::size_t>(st.st_size), '\0');
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t n = ::pread(fd, text.data() + done, text.size() - done, static_cast<off_t>(done));
    if (n <= 0) break;
    done += static_cast<std::size_t>(n);
  }
  text.resize(done);
  return text;
}

std::vector<std::string> environment_with(const std::map<std::string, std::optional<std::string>>& changes) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (changes.count(text.substr(0, text.find('='))) == 0) result.push_back(text);
  }
  for (const auto& [name, value] : changes) {
    if (value) result.push_back(name + "=" + *value);
  }
  return result;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  result.reserve(strings.size() + 1);
  for (std::string& text : strings) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

pid_t spawn(const Command& command, int in, int out, int err) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  if (::posix_spawn_file_actions_init(&actions) != 0 || ::posix_spawnattr_init(&attributes) != 0) fail("posix_spawn");
  ::posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
  if (!command.cwd.empty()) ::posix_spawn_file_actions_addchdir_np(&actions, command.cwd.c_str());
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  ::posix_spawnattr_setpgroup(&attributes, 0);

  std::vector<std::string> argv = command.argv;
  std::vector<std::string> env = environment_with(command.env);
  pid_t pid = -1;
  const int error =
      ::posix_spawnp(&pid, argv.at(0).c_str(), &actions, &attributes, pointers(argv).data(), pointers(env).data());
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  if (error != 0) fail("cannot run " + argv.at(0), error);
  return pid;
}

}  // namespace

int Outcome::code() const {
  if (timed_out) return -1000;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

std::string Outcome::text() const {
  return "code " + std::to_string(code()) + "\n--- stdout\n" + out.substr(0, 4000) + "\n--- stderr\n" +
         err.substr(0, 4000);
}

Outcome run(const Command& command) { return Background(command).wait(); }

Background::Background(const Command& command) : deadline_(std::chrono::steady_clock::now() + command.timeout) {
  in_ = anonymous_file("stdin", command.input);
  out_ = anonymous_file("stdout");
  err_ = anonymous_file("stderr");
  pid_ = spawn(command, in_, out_, err_);
  pidfd_ = open_process(pid_);
  if (pidfd_ < 0) fail("pidfd_open");
}

Background::~Background() {
  if (!reaped_) {
    kill_all();
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
  }
  for (const int fd : {pidfd_, in_, out_, err_}) {
    if (fd >= 0) ::close(fd);
  }
}

bool Background::running() const { return !ended_within(std::chrono::microseconds{0}); }

bool Background::ended_within(std::chrono::microseconds time) const {
  const auto end = std::chrono::steady_clock::now() + time;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(end - std::chrono::steady_clock::now());
    const long long nanoseconds = std::max<long long>(left.count(), 0);
    const timespec limit{static_cast<time_t>(nanoseconds / 1'000'000'000),
                         static_cast<long>(nanoseconds % 1'000'000'000)};
    pollfd watch{pidfd_, POLLIN, 0};
    const int n = ::ppoll(&watch, 1, &limit, nullptr);
    if (n >= 0) return n > 0;
    if (errno != EINTR) fail("ppoll");
  }
}

void Background::kill_all() {
  if (!reaped_) kill_tree(pid_);
}

std::string Background::out() const { return content_of(out_); }
std::string Background::err() const { return content_of(err_); }

Outcome Background::wait() {
  Outcome outcome;
  const auto left = deadline_ - std::chrono::steady_clock::now();
  if (!ended_within(std::chrono::duration_cast<std::chrono::microseconds>(left))) {
    outcome.timed_out = true;
    kill_all();
  }
  while (::waitpid(pid_, &outcome.status, 0) < 0) {
    if (errno != EINTR) fail("waitpid");
  }
  reaped_ = true;
  outcome.out = content_of(out_);
  outcome.err = content_of(err_);
  return outcome;
}

}  // namespace mtask::test
