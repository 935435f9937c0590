#pragma once
// Starts commands as a worker process does: by a child that shares the worker's memory until it executes (vfork's way),
// with as few system calls as can be.
//
// What all jobs of a worker have in common is set up once, by prepare(): signals, environment. The standard
// descriptors of a job are the worker's own 0, 1 and 2. Commands are looked up as execvp(3) does; where one was found
// is remembered until that fails. Not thread-safe.

#include <signal.h>
#include <sys/resource.h>
#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "mtask/pool.hpp"
#include "os/launch.hpp"

namespace mtask::pool {

// Stop signals that were ignored before the run (nohup) stay ignored in jobs. Ask before the first fork.
[[nodiscard]] std::vector<int> ignored_stop_signals();

class Spawner {
 public:
  using Outcome = os::LaunchOutcome;

  Spawner(const Config& config, std::uint32_t slot_number, pid_t supervisor);

  // Once, in the worker: all signals are blocked but while waiting with wait_mask(), and get their default action,
  // `ignored` apart. SIGCHLD interrupts such a wait.
  // `descriptors`: the limit of open files for jobs, where it is another than the worker's.
  void prepare(const std::vector<int>& ignored, const std::optional<rlimit>& descriptors);
  [[nodiscard]] const sigset_t& wait_mask() const noexcept { return wait_mask_; }

  // `arguments`: NUL-terminated words, at least one. `workdir`: empty for the current one. `pid` is set before the
  // job's first instruction, and is back at 0 when the job could not be started (it is reaped then).
  [[nodiscard]] Outcome start(const std::vector<const char*>& arguments, const char* workdir, std::uint64_t seq,
                              std::atomic<std::int32_t>& pid);

 private:
  [[nodiscard]] Outcome launch(os::Launch& launch, std::atomic<std::int32_t>& pid);

  bool own_group_;
  pid_t own_pid_ = 0;
  std::vector<std::string> variables_;  // the last two are the job's number
  std::vector<char*> environment_;
  std::string search_path_;
  std::unordered_map<std::string, std::string> found_;
  std::vector<char*> argv_;  // with one place before the first word
  std::unique_ptr<char[]> stack_;
  sigset_t wait_mask_{};
  std::optional<rlimit> descriptors_;
};

// What a shell would say and the exit code it would give (127: not found, 126: cannot be executed).
using os::sentence;
[[nodiscard]] int exit_code(const Spawner::Outcome& outcome) noexcept;

}  // namespace mtask::pool
