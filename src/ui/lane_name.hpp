#pragma once
// What a lane of the timeline is called.

#include <string>

#include "ui/recorder.hpp"

namespace mtask::ui {

[[nodiscard]] inline std::string lane_name(const Lane& lane) {
  if (lane.worker == kNoWorker) return "supervisor";
  std::string name = "worker " + std::to_string(lane.worker);
  if (lane.pid != 0) name += " (" + std::to_string(lane.pid) + ")";
  return name;
}

}  // namespace mtask::ui
