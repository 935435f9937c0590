#include "ui/json_lines.hpp"

#include <algorithm>
#include <cmath>

#include "base/json.hpp"

namespace mtask::ui {
namespace {

std::string_view kind_name(Event::Kind kind) {
  switch (kind) {
    case Event::Kind::kStarted:
      return "started";
    case Event::Kind::kFinished:
      return "finished";
    case Event::Kind::kSkipped:
      return "skipped";
    case Event::Kind::kFailed:
      return "failed";
    case Event::Kind::kRetried:
      return "retried";
    case Event::Kind::kWarning:
      return "warning";
  }
  return "";
}

// Whole microseconds, which keeps the lines short.
double seconds_since(MonotonicTime began, MonotonicTime time) {
  const auto passed = std::chrono::duration_cast<std::chrono::microseconds>(time - began).count();
  return static_cast<double>(std::max<std::int64_t>(0, passed)) / 1e6;
}

}  // namespace

std::string event_line(const Event& event, MonotonicTime began, std::string_view name_key) {
  JsonObject line;
  line.add("event", kind_name(event.kind)).add("time", seconds_since(began, event.time));
  if (event.worker != kNoWorker) line.add("worker", event.worker);
  if (event.item != 0) line.add("item", event.item);
  if (!event.name.empty()) line.add(name_key, event.name);
  if (!event.action.empty()) line.add("action", event.action);
  if (event.kind == Event::Kind::kFinished) line.add("bytes", event.bytes);
  if (!event.detail.empty()) line.add("detail", event.detail);
  return line.str();
}

std::string progress_line(const Progress& progress, MonotonicTime began) {
  JsonArray workers;
  for (const WorkerStatus& worker : progress.workers) {
    JsonObject one;
    one.add("pid", worker.pid).add("items", worker.items).add("bytes", worker.bytes).add("current", worker.current);
    workers.add(one);
  }
  JsonObject line;
  line.add("event", "progress").add("time", seconds_since(began, progress.time));
  line.add("items_done", progress.items_done).add("bytes_done", progress.bytes_done);
  line.add("items_failed", progress.items_failed);
  line.add("items_total", progress.items_total).add("bytes_total", progress.bytes_total);
  line.add("totals_known", progress.totals_known).add("workers", workers);
  return line.str();
}

std::string summary_line(const SummaryFields& fields, MonotonicTime began, MonotonicTime now) {
  JsonObject line;
  line.add("event", "summary").add("time", seconds_since(began, now));
  for (const auto& [name, value] : fields) {
    std::visit([&line, &key = name](const auto& held) { line.add(key, held); }, value);
  }
  return line.str();
}

}  // namespace mtask::ui
