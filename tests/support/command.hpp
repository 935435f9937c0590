#pragma once
// Runs a command as a test's subject: output captured whole, never left behind, never waited for without end.
//
// stdin, stdout and stderr are anonymous files, so no amount of output can block. Every command leads a process group
// of its own. Errors of the machinery itself (no such program, no memory) throw std::system_error.
// Not thread-safe; the calling process should have one thread.

#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mtask::test {

struct Command {
  std::vector<std::string> argv;                          // argv[0] is looked up in PATH
  std::map<std::string, std::optional<std::string>> env;  // over this process's environment; nullopt removes
  std::string cwd;                                        // empty: this process's
  std::string input;                                      // what stdin holds
  std::chrono::milliseconds timeout{120'000};             // then it and all its descendants are killed
};

struct Outcome {
  int status = 0;  // as waitpid tells it
  bool timed_out = false;
  std::string out;
  std::string err;

  // The exit code, or minus the signal that ended it, or -1000 after a timeout.
  [[nodiscard]] int code() const;
  // All of it for a failure message.
  [[nodiscard]] std::string text() const;
};

[[nodiscard]] Outcome run(const Command& command);

// A command that runs beside the test. The destructor kills whatever is left of it.
class Background {
 public:
  explicit Background(const Command& command);
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool running() const;
  // Waits for `time` to pass or the command to end; true when it ended. It stays to be reaped by wait().
  [[nodiscard]] bool ended_within(std::chrono::microseconds time) const;
  // Sends SIGKILL to the command and all its descendants at once, and returns when all of them are gone.
  void kill_all();
  // What was written so far.
  [[nodiscard]] std::string out() const;
  [[nodiscard]] std::string err() const;
  // Waits for the end (at most the command's timeout) and reaps it. Once only.
  [[nodiscard]] Outcome wait();

 private:
  pid_t pid_ = -1;
  int pidfd_ = -1;
  int in_ = -1;
  int out_ = -1;
  int err_ = -1;
  bool reaped_ = false;
  std::chrono::steady_clock::time_point deadline_;
};

}  // namespace mtask::test
