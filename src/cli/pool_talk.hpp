#pragma once
// What `mtask pool -v` says of its jobs: start, pid, end and time of each.

#include <unordered_map>

#include "ui/ui.hpp"

namespace mtask::cli {

// Passes all on to the listeners of `ui`, which must outlive it.
class PoolTalk final : public Events {
 public:
  PoolTalk(ui::Ui& ui, bool verbose) : ui_(ui), verbose_(verbose) {}

  void event(const Event& event) override;
  void progress(const Progress& progress) override { ui_.progress(progress); }
  [[nodiscard]] Detail detail() const override { return verbose_ ? Detail::kAll : ui_.detail(); }
  [[nodiscard]] bool progress_wanted() const override { return ui_.progress_wanted(); }

 private:
  void tell(const Event& event);

  ui::Ui& ui_;
  bool verbose_;
  std::unordered_map<std::uint64_t, MonotonicTime> started_;  // by job
};

}  // namespace mtask::cli
