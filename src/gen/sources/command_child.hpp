#pragma once
// A command whose output is read: started, waited for, ended.

#include <sys/types.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/unique_fd.hpp"
#include "mtask/result.hpp"
#include "mtask/task.hpp"

namespace mtask::gen {

// Owns the process. It leads a process group of its own, reads from /dev/null, has this process's standard error, no
// signals blocked, and dies with this process. Destroying a running one kills its group and reaps it. Belongs to the
// loop's thread.
class CommandChild {
 public:
  // The error's context says what a shell would say: "cannot run 'x': command not found".
  [[nodiscard]] static Result<CommandChild> start(const std::vector<std::string>& words);

  CommandChild(CommandChild&& other) noexcept;
  CommandChild& operator=(CommandChild&& other) noexcept;
  ~CommandChild();

  // Not blocking.
  [[nodiscard]] int output() const noexcept { return output_.get(); }

  // Waits for its end and reaps it; the status as of waitpid(2).
  [[nodiscard]] task<Result<int>> wait();

  // Ends its group: SIGTERM, and SIGKILL to what is still there, or holds the output, after `grace`. Then it is reaped.
  // Does nothing when it was reaped before. May be called again after it was cancelled.
  [[nodiscard]] task<void> end(std::chrono::nanoseconds grace);

 private:
  CommandChild(pid_t pid, UniqueFd pidfd, UniqueFd output)
      : pid_(pid), pidfd_(std::move(pidfd)), output_(std::move(output)) {}
  [[nodiscard]] task<void> gone();

  pid_t pid_ = -1;  // -1: reaped, or moved from
  UniqueFd pidfd_;
  UniqueFd output_;
};

}  // namespace mtask::gen
