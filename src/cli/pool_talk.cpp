#include "cli/pool_talk.hpp"

#include <algorithm>
#include <string>

#include "base/text.hpp"
#include "base/units.hpp"

namespace mtask::cli {

namespace {

constexpr std::size_t kLongestName = 160;  // bytes of a command line in a message

std::string name_of(const Event& event) {
  std::string name = "job " + std::to_string(event.item);
  if (event.name.empty()) return name;
  // The job log has all of it.
  name += " " + (event.name.size() <= kLongestName ? quote(event.name)
                                                   : quote(event.name.substr(0, kLongestName - 3)) + "...");
  return name;
}

}  // namespace

std::string pool_trouble(const Event& event) {
  std::string text(event.detail);
  if (event.item != 0) text = name_of(event) + ": " + text;
  if (event.kind == Event::Kind::kRetried) text += "; it is run again";
  return text;
}

void PoolTalk::tell(const Event& event) {
  const std::string job = name_of(event);
  const auto begun = started_.find(event.item);
  std::string took;
  if (begun != started_.end()) took = " after " + format_duration(event.time - begun->second);
  switch (event.kind) {
    case Event::Kind::kStarted:
      started_[event.item] = event.time;
      ui_.message(job + " starts in slot " + std::to_string(event.worker + 1) + ", " + std::string(event.detail));
      break;
    case Event::Kind::kFinished:
      ui_.message(job + " ended" + took);
      break;
    case Event::Kind::kFailed:
    case Event::Kind::kRetried:
      if (!took.empty()) ui_.message(job + " failed" + took);
      break;
    default:
      break;
  }
  if (event.kind != Event::Kind::kStarted && begun != started_.end()) started_.erase(begun);
}

void PoolTalk::event(const Event& event) {
  if (verbose_ && event.item != 0) tell(event);
  ui_.event(event);
}

void PoolTalk::progress(const Progress& progress) {
  ui_.progress(progress);
  if (!waits_ || !stop_.stop_requested()) return;
  waits_ = false;
  const bool runs = std::any_of(progress.workers.begin(), progress.workers.end(),
                                [](const WorkerStatus& worker) { return !worker.current.empty(); });
  if (runs && stop_.reason() > 0) ui_.message("waiting for the jobs that run; Ctrl-C again ends them");
}

}  // namespace mtask::cli
