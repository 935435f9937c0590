#include "cli/pool_talk.hpp"

#include <string>

#include "base/text.hpp"
#include "base/units.hpp"

namespace mtask::cli {

namespace {

std::string name_of(const Event& event) {
  std::string name = "job " + std::to_string(event.item);
  if (!event.name.empty()) name += " " + quote(event.name);
  return name;
}

}  // namespace

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
  const bool retried = event.kind == Event::Kind::kRetried;
  const bool trouble = retried || event.kind == Event::Kind::kFailed || event.kind == Event::Kind::kWarning;
  if (!trouble || event.item == 0) return ui_.event(event);
  Event named = event;
  const std::string detail =
      name_of(event) + ": " + std::string(event.detail) + (retried ? "; it is run again" : "");
  named.detail = detail;
  ui_.event(named);
}

}  // namespace mtask::cli
