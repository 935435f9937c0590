#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "gen/builder.hpp"
#include "gen/hangup.hpp"
#include "gen/indexed.hpp"
#include "gen/lua/state.hpp"
#include "gen/runtime.hpp"
#include "gen/stage_table.hpp"
#include "gen/stream.hpp"
#include "gen/syntax/parser.hpp"
#include "gen/writer.hpp"
#include "mtask/event_loop.hpp"
#include "mtask/gen.hpp"
#include "mtask/io.hpp"
#include "mtask/scope.hpp"

namespace mtask::gen {
namespace {

// What a writer asks for at once: enough that a progression is worth its while.
constexpr std::size_t kWriterValues = 16'384;

Result<StreamPtr> build_pipeline(const Config& config, Runtime& runtime) {
  auto parsed = config.text ? parse_text(*config.text) : parse_arguments(config.arguments);
  if (!parsed) return Unexpected(std::move(parsed).error());
  return build(*parsed, runtime);
}

Error width_unknown() {
  return usage_error(
      "--width needs a number here, --width=N: how wide the widest value is, is not known before the end");
}

// The width of the widest number, for --width without a number.
Result<std::uint64_t> widest(const Stream& stream) {
  const auto view = stream.indexed();
  if (!view || !view->size()) return Unexpected(width_unknown());
  std::uint64_t width = 0;
  for (const std::uint64_t at : {std::uint64_t{0}, *view->size() - 1}) {
    if (*view->size() == 0) break;
    Batch batch;
    if (auto read = view->read(at, 1, batch); !read) return Unexpected(std::move(read).error());
    // Of what rises or falls evenly the first or the last is the widest.
    if (batch.kind() != Batch::Kind::kProgression) return Unexpected(width_unknown());
    std::string text;
    batch.append_value(0, "\t", text);
    width = std::max<std::uint64_t>(width, text.size());
  }
  return width;
}

Result<Format> finished_format(Format format, const Stream& stream) {
  if (!format.pad || format.width != 0) return format;
  auto width = widest(stream);
  if (!width) return Unexpected(std::move(width).error());
  format.width = *width;
  return format;
}

class Run {
 public:
  Run(const Config& config, Events& events, StopToken stop) : config_(config), events_(events), stop_(stop) {
    runtime_.keep_going = config.keep_going;
    runtime_.memory = config.memory;
    runtime_.tmpdir = config.tmpdir;
    runtime_.trace = config.trace;
    runtime_.field_separator = config.format.field_separator;
    runtime_.report = [this](const Error& error) { report(error); };
  }

  Result<Summary> run() {
    auto built = build_pipeline(config_, runtime_);
    if (!built) return Unexpected(std::move(built).error());
    stream_ = std::move(*built);
    auto format = finished_format(config_.format, *stream_);
    if (!format) return Unexpected(std::move(format).error());
    auto writer = Writer::create(STDOUT_FILENO, *format, stream_->live(), stop_);
    if (!writer) return Unexpected(std::move(writer).error());
    allow_expressions();
    if (stop_.stop_requested()) interrupt_expressions();
    event_loop loop;
    if (config_.blocked) loop.on_blocked(config_.blocked);
    Result<void> ended = loop.run(main_task(*writer));
    summary_.values = writer->values();
    summary_.bytes = writer->bytes();
    summary_.reader_left = writer->reader_left() || reader_left_;
    summary_.interrupted = stop_.stop_requested();
    if (!ended && !summary_.reader_left && !summary_.interrupted) return Unexpected(std::move(ended).error());
    return summary_;
  }

 private:
  void report(const Error& error) {
    ++summary_.failed;
    const std::string message = error.message();
    Event event;
    event.kind = Event::Kind::kFailed;
    event.time = std::chrono::steady_clock::now();
    event.detail = message;
    events_.event(event);
  }

  // Writes until the end. Two watchers end it before: a signal, and a reader who leaves while there is nothing to
  // write.
  task<Result<void>> main_task(Writer& writer) {
    Result<void> ended;
    std::exception_ptr error;
    // The scopes that streams make are in this one, so it ends after them, however that comes about.
    scope all("gen");
    const StreamPtr stream = std::move(stream_);
    all.spawn(watch_stop(all), "signals");
    if (stream->live()) all.spawn(watch_reader(all), "reader");
    all.spawn(pump_and_end(*stream, writer, ended, all), "writer");
    try {
      co_await all.join();
    } catch (...) {
      error = std::current_exception();
    }
    runtime_.ended_well = !error && ended && !stop_.stop_requested();
    co_await stream->close();
    if (error) std::rethrow_exception(error);
    co_return ended;
  }

  task<void> pump_and_end(Stream& stream, Writer& writer, Result<void>& ended, scope& all) {
    ended = co_await pump(stream, writer);
    all.cancel();
  }

  task<void> watch_stop(scope& all) {
    if (stop_.fd() < 0) co_return;
    co_await readable(stop_.fd());
    all.cancel();
  }

  task<void> watch_reader(scope& all) {
    reader_left_ = co_await hangup(STDOUT_FILENO);
    if (reader_left_) all.cancel();
  }

  task<Result<void>> pump(Stream& stream, Writer& writer) {
    using Clock = std::chrono::steady_clock;
    constexpr auto kPatience = std::chrono::milliseconds(100);
    const bool live = stream.live();
    auto flushed_at = Clock::now();
    Batch batch;
    for (;;) {
      Result<void> pulled = co_await stream.pull(batch, kWriterValues);
      const bool at_end = !pulled || batch.empty();
      if (pulled && !at_end) pulled = writer.add(batch);
      if (at_end && pulled && !stream.returned().empty()) summary_.returned = stream.returned();
      if (at_end || !pulled) writer.finish();
      // Values that are long in coming are not held back either.
      if (const auto now = Clock::now(); live || writer.full() || at_end || !pulled || now - flushed_at > kPatience) {
        flushed_at = now;
        Result<void> flushed = co_await writer.flush();
        if (!flushed) co_return flushed;
      }
      if (at_end || !pulled) co_return pulled;
      if (writer.reader_left() || stop_.stop_requested()) co_return Result<void>();
    }
  }

  const Config& config_;
  Events& events_;
  StopToken stop_;
  Runtime runtime_;
  StreamPtr stream_;
  Summary summary_;
  bool reader_left_ = false;
};

}  // namespace

Result<void> check(const Config& config) {
  Runtime runtime;
  auto built = build_pipeline(config, runtime);
  if (!built) return Unexpected(std::move(built).error());
  return {};
}

Result<Summary> run(const Config& config, Events& events, StopToken stop) { return Run(config, events, stop).run(); }

std::vector<StageHelp> stages() {
  std::vector<StageHelp> all;
  for (const StageRow& row : stage_table()) {
    StageHelp help{.name = row.name,
                   .group = row.group,
                   .operands = row.operands,
                   .help = row.help,
                   .manual = row.manual,
                   .begins = row.place != StageRow::Place::kCombinator,
                   .follows = row.place != StageRow::Place::kSource,
                   .least = row.least,
                   .options_first = row.options_first,
                   .options = {}};
    for (const StageOption& option : row.options) {
      help.options.push_back({option.name, option.letter, option.placeholder, option.help});
    }
    all.push_back(std::move(help));
  }
  return all;
}

}  // namespace mtask::gen
