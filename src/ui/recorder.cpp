#include "ui/recorder.hpp"

#include <algorithm>
#include <utility>

namespace mtask::ui {
namespace {

constexpr double kNanosecond = 1e-9;
constexpr std::size_t kMostOpen = 1'000'000;
constexpr std::size_t kMostActions = 255;

double to_seconds(std::uint64_t nanoseconds) { return static_cast<double>(nanoseconds) * kNanosecond; }

bool slower(const SlowItem& a, const SlowItem& b) { return a.seconds > b.seconds; }

}  // namespace

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::kDone:
      return "done";
    case Outcome::kSkipped:
      return "skipped";
    case Outcome::kRetried:
      return "retried";
    case Outcome::kFailed:
      return "failed";
    case Outcome::kUnfinished:
      return "unfinished";
  }
  return "";
}

std::uint64_t Recorder::since_began(MonotonicTime time) const {
  if (time <= began_) return 0;
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(time - began_).count());
}

std::uint16_t Recorder::lane_of(std::uint32_t worker) {
  const auto [found, fresh] = lane_of_worker_.try_emplace(worker, static_cast<std::uint16_t>(lanes_.size()));
  // Beyond 65,535 workers the lanes are shared; nobody looks at that many.
  if (fresh && lanes_.size() < UINT16_MAX) {
    lanes_.emplace_back();
    lanes_.back().worker = worker;
  } else if (fresh) {
    found->second = 0;
  }
  return found->second;
}

std::uint8_t Recorder::action_of(std::string_view action) {
  const auto found = std::find(actions_.begin(), actions_.end(), action);
  if (found != actions_.end()) return static_cast<std::uint8_t>(found - actions_.begin());
  if (actions_.size() >= kMostActions) return 0;
  actions_.emplace_back(action);
  return static_cast<std::uint8_t>(actions_.size() - 1);
}

void Recorder::event(const Event& event) {
  switch (event.kind) {
    case Event::Kind::kStarted:
      if (event.item != 0 && open_.size() < kMostOpen) {
        open_[event.item] = {since_began(event.time), event.worker, std::string(event.name), std::string(event.action)};
      }
      break;
    case Event::Kind::kFinished:
      end_span(event, Outcome::kDone);
      break;
    case Event::Kind::kSkipped:
      end_span(event, Outcome::kSkipped);
      break;
    case Event::Kind::kRetried:
      end_span(event, Outcome::kRetried);
      break;
    case Event::Kind::kFailed:
      end_span(event, Outcome::kFailed);
      if (failures_.size() < limits_.failures) {
        failures_.push_back(
            {to_seconds(since_began(event.time)), event.worker, std::string(event.name), std::string(event.detail)});
      }
      break;
    case Event::Kind::kWarning:
      break;
  }
}

void Recorder::progress(const Progress& progress) {
  for (std::size_t i = 0; i < progress.workers.size(); ++i) {
    const auto found = lane_of_worker_.find(static_cast<std::uint32_t>(i));
    if (found != lane_of_worker_.end() && progress.workers[i].pid != 0) {
      lanes_[found->second].pid = progress.workers[i].pid;
    }
  }
}

void Recorder::end_span(const Event& event, Outcome outcome) {
  const std::uint64_t end = since_began(event.time);
  std::uint64_t begin = end;
  std::uint32_t worker = event.worker;
  if (const auto found = open_.find(event.item); event.item != 0 && found != open_.end()) {
    begin = std::min(found->second.begin, end);
    if (worker == kNoWorker) worker = found->second.worker;
    open_.erase(found);
  }
  add_span(begin, end, worker, event, outcome);
}

void Recorder::add_span(std::uint64_t begin, std::uint64_t end, std::uint32_t worker, const Event& event,
                        Outcome outcome) {
  ++counts_[static_cast<std::size_t>(outcome)];
  const double from = to_seconds(begin);
  const double to = to_seconds(end);
  const std::uint16_t lane_index = lane_of(worker);
  Lane& lane = lanes_[lane_index];
  lane.busy.add(from, to, to - from);
  lane.items.add(to, to, 1);
  if (outcome == Outcome::kFailed || outcome == Outcome::kRetried) lane.troubles.add(to, to, 1);
  if (event.bytes != 0 && outcome == Outcome::kDone) bytes_.add(from, to, static_cast<double>(event.bytes));
  if (outcome == Outcome::kDone || outcome == Outcome::kSkipped) items_.add(to, to, 1);
  keep_if_slow(begin, end, worker, event, outcome);

  if (spans_.size() >= limits_.spans || names_.size() + event.name.size() > limits_.name_bytes) {
    ++left_out_;
    return;
  }
  spans_.push_back({begin, end - begin, event.item, event.bytes, names_.size(),
                    static_cast<std::uint32_t>(event.name.size()), lane_index, outcome, action_of(event.action)});
  names_.append(event.name);
}

void Recorder::keep_if_slow(std::uint64_t begin, std::uint64_t end, std::uint32_t worker, const Event& event,
                            Outcome outcome) {
  const double seconds = to_seconds(end - begin);
  if (end == begin || limits_.slowest == 0) return;
  if (slowest_.size() >= limits_.slowest) {
    if (slowest_.front().seconds >= seconds) return;
    std::pop_heap(slowest_.begin(), slowest_.end(), slower);
    slowest_.pop_back();
  }
  slowest_.push_back({to_seconds(begin), seconds, event.bytes, worker, outcome, std::string(event.name)});
  std::push_heap(slowest_.begin(), slowest_.end(), slower);
}

void Recorder::close(MonotonicTime end) {
  for (const auto& [item, open] : open_) {
    Event event;
    event.item = item;
    event.name = open.name;
    event.action = open.action;
    add_span(open.begin, std::max(open.begin, since_began(end)), open.worker, event, Outcome::kUnfinished);
  }
  open_.clear();
  seconds_ = to_seconds(since_began(end));
  std::sort_heap(slowest_.begin(), slowest_.end(), slower);
  std::sort(lanes_.begin(), lanes_.end(), [](const Lane& a, const Lane& b) { return a.worker < b.worker; });
  // Spans name lanes by number: follow the sorting.
  std::vector<std::uint16_t> moved(lanes_.size());
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    std::uint16_t& index = lane_of_worker_[lanes_[i].worker];
    moved[index] = static_cast<std::uint16_t>(i);
    index = static_cast<std::uint16_t>(i);
  }
  for (Span& span : spans_) span.lane = moved[span.lane];
}

}  // namespace mtask::ui
