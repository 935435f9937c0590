#pragma once
// The process that starts the workers of a run, replaces dead ones and passes on what they tell.

#include <cstdint>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "copy/reporter.hpp"
#include "copy/run_state.hpp"
#include "mtask/copy.hpp"
#include "workers/worker_group.hpp"

namespace mtask::copy {

class Supervisor {
 public:
  Supervisor(RunState& run, Events& events, StopToken stop, UniqueFd wake)
      : run_(run), events_(events), stop_(stop), wake_(std::move(wake)), report_(run, run.config.workers) {}

  Result<void> work();
  Summary summary(double seconds);
  void fail(const Error& error);
  void warn(std::string_view sentence);
  void made_destination(const std::string& path);

 private:
  [[nodiscard]] Result<void> copy_all();
  [[nodiscard]] Result<void> phase(Phase phase);
  [[nodiscard]] Result<void> loop(workers::WorkerGroup& group, std::uint32_t scouting);
  [[nodiscard]] Result<void> start(workers::WorkerGroup& group, std::uint32_t worker);
  std::uint32_t recover(std::uint32_t worker);
  void sweep_operands(bool ours);
  [[nodiscard]] std::uint32_t scout_id() const noexcept { return run_.config.workers; }
  void handle_death(workers::WorkerGroup& group, const workers::WorkerGroup::Exit& exit);
  [[nodiscard]] bool again(Board::SlotId slot, std::uint32_t deaths);
  void drain();
  void tell_progress(const workers::WorkerGroup* group);
  void discard_unfinished();
  void write_out();
  [[nodiscard]] std::uint64_t failures();

  RunState& run_;
  Events& events_;
  StopToken stop_;
  UniqueFd wake_;
  Reporter report_;
  std::string record_;
  std::vector<WorkerStatus> statuses_;
  std::uint32_t deaths_ = 0;
  std::uint32_t barren_deaths_ = 0;  // in a row, of workers that held nothing
};

// A failure that is no entry's of the run.
void tell_failure(Events& events, const Error& error);

}  // namespace mtask::copy
