#include "ui/trace.hpp"

#include "base/json.hpp"
#include "ui/lane_name.hpp"
#include "ui/output.hpp"

namespace mtask::ui {
namespace {

constexpr double kNanosecondsPerUnit = 1000;

std::string metadata(std::string_view what, std::size_t thread, std::string_view name) {
  JsonObject arguments;
  arguments.add("name", name);
  JsonObject event;
  event.add("ph", "M").add("name", what).add("pid", 1).add("tid", thread).add("args", arguments);
  return event.str();
}

std::string complete(const Recorder& recorder, const Span& span) {
  JsonObject arguments;
  arguments.add("outcome", to_string(span.outcome)).add("bytes", span.bytes).add("item", span.item);
  // Perfetto draws one colour a name, so the name is the item's; the category is what is filtered by.
  JsonObject event;
  const std::string_view name = recorder.name(span);
  event.add("ph", "X").add("name", name.empty() ? std::string_view("-") : name);
  const std::string& action = recorder.actions()[span.action];
  event.add("cat", action.empty() ? to_string(span.outcome) : std::string_view(action));
  event.add("pid", 1).add("tid", span.lane + 1U);
  event.add("ts", static_cast<double>(span.begin) / kNanosecondsPerUnit);
  event.add("dur", static_cast<double>(span.duration) / kNanosecondsPerUnit);
  if (span.outcome == Outcome::kFailed) event.add("cname", "terrible");
  if (span.outcome == Outcome::kRetried) event.add("cname", "bad");
  event.add("args", arguments);
  return event.str();
}

}  // namespace

Result<void> write_trace(const std::string& path, const std::string& command, const Recorder& recorder) {
  Result<NewFile> file = NewFile::create(path);
  if (!file) return Unexpected(file.error());
  file->write("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n");
  file->write(metadata("process_name", 0, "mtask " + command));
  for (std::size_t i = 0; i < recorder.lanes().size(); ++i) {
    file->write(",\n" + metadata("thread_name", i + 1, lane_name(recorder.lanes()[i])));
  }
  for (const Span& span : recorder.spans()) file->write(",\n" + complete(recorder, span));
  JsonObject other;
  other.add("command", command).add("events_left_out", recorder.spans_left_out());
  file->write("\n],\"otherData\":" + other.str() + "}\n");
  return file->commit();
}

}  // namespace mtask::ui
