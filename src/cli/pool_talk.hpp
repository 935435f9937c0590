#pragma once
// What `mtask pool` says of its jobs: which one failed, with -v start, pid, end and time of each; and how to end them
// when the run was asked to stop.

#include <string>
#include <unordered_map>

#include "mtask/stop.hpp"
#include "ui/ui.hpp"

namespace mtask::cli {

// What standard error says of a job that failed, is run again or is warned of: its number, its command and why.
[[nodiscard]] std::string pool_trouble(const Event& event);

// Passes all on to the listeners of `ui`, which must outlive it.
class PoolTalk final : public Events {
 public:
  // `waits`: a signal is answered by a line that tells what is waited for.
  PoolTalk(ui::Ui& ui, bool verbose, bool waits, StopToken stop)
      : ui_(ui), verbose_(verbose), waits_(waits), stop_(stop) {}

  void event(const Event& event) override;
  void progress(const Progress& progress) override;
  [[nodiscard]] Detail detail() const override { return verbose_ ? Detail::kAll : ui_.detail(); }
  [[nodiscard]] bool progress_wanted() const override { return waits_ || ui_.progress_wanted(); }

 private:
  void tell(const Event& event);

  ui::Ui& ui_;
  bool verbose_;
  bool waits_;  // and did not tell yet
  StopToken stop_;
  std::unordered_map<std::uint64_t, MonotonicTime> started_;  // by job
};

}  // namespace mtask::cli
