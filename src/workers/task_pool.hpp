#pragma once
// The supervisor of workers that make calls: what mtask/process_pool.hpp makes typed.
//
// Lives in the process that made it, which has one thread. There it feeds the board, collects outcomes and replaces
// workers that end. A copy in a process forked later refuses to work, and lets the workers live.

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "base/unique_fd.hpp"
#include "mtask/process_pool.hpp"
#include "os/shared_region.hpp"
#include "workers/task_board.hpp"
#include "workers/worker_group.hpp"

namespace mtask::workers {

class TaskPool {
 public:
  using Work = detail::pool_core::Work;
  using Next = detail::pool_core::Next;
  using Take = detail::pool_core::Take;

  struct Shape {
    std::uint32_t workers;  // at least 1, as are the others
    std::uint32_t crash_limit;
    TaskBoard::Shape board;
  };

  // Starts the workers. What fails is told by run().
  TaskPool(Work work, const Shape& shape);
  // Ends the workers at once.
  ~TaskPool();
  TaskPool(const TaskPool&) = delete;
  TaskPool& operator=(const TaskPool&) = delete;

  // As detail::pool_core.
  [[nodiscard]] Result<void> run(const Next& next, const Take& take);
  [[nodiscard]] Result<void> finish();
  [[nodiscard]] std::uint32_t running() const noexcept { return members_ ? members_->group.running() : 0; }
  [[nodiscard]] std::uint64_t deaths() const noexcept { return deaths_; }

 private:
  // What can be had only when the system has it.
  struct Members {
    UniqueFd wake;
    os::SharedRegion region;
    TaskBoard board;
    WorkerGroup group;
  };
  class Call;

  [[nodiscard]] Result<std::unique_ptr<Members>> make_members();
  [[nodiscard]] Result<void> check_usable() const;
  [[nodiscard]] Result<void> start_missing();
  [[nodiscard]] Result<void> start(std::uint32_t worker);
  [[nodiscard]] Result<void> wait(std::chrono::milliseconds timeout, bool replace);
  void handle_death(const WorkerGroup::Exit& exit, bool replace);
  [[nodiscard]] Result<void> dismiss(std::chrono::milliseconds patience);

  Work work_;
  Shape shape_;
  pid_t owner_;
  std::unique_ptr<Members> members_;
  Error failure_;  // why there are none
  bool finished_ = false;
  bool busy_ = false;
  std::uint64_t next_id_ = 0;
  std::uint64_t deaths_ = 0;
  std::uint32_t barren_deaths_ = 0;  // in a row, without an outcome or a call in hand in between
};

}  // namespace mtask::workers
