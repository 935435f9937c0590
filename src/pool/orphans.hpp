#pragma once
// Processes that come to the supervisor because the worker above them has ended.
//
// The supervisor is a child subreaper for the time of the run. Behind a worker that was killed, whatever its job
// started must end; what jobs left behind on their own account lives on. Children that the process had before the run
// are never touched. Not thread-safe.

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <set>
#include <string_view>
#include <vector>

namespace mtask::pool {

class Orphans {
 public:
  using IsWorker = std::function<bool(pid_t)>;

  explicit Orphans(IsWorker is_worker);
  ~Orphans();
  Orphans(const Orphans&) = delete;
  Orphans& operator=(const Orphans&) = delete;

  // Numbers (pid_t) of processes that jobs left behind.
  void leave(std::string_view pids);

  // A worker was killed: ends its job `seq`, that led the process group `group` (0: not known), with all that came of
  // it, and reaps them.
  void end_job(std::uint64_t seq, pid_t group);

  // Reaps who has ended by itself.
  void reap();

 private:
  [[nodiscard]] std::vector<pid_t> strangers() const;

  IsWorker is_worker_;
  int was_subreaper_ = 0;
  std::set<pid_t> before_;
  std::set<pid_t> left_;
  bool any_ = false;
};

}  // namespace mtask::pool
