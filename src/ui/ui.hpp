#pragma once
// Everything a person or a program sees of a run: trouble lines, progress bar, JSON lines, HTML report and Chrome
// trace, all fed by the one stream of mtask::Events. Knows no engine.
//
//   auto ui = ui::open(options);            // opens files; an error means that nothing was written
//   auto summary = engine::run(config, **ui, stop);
//   auto closed = (*ui)->finish(fields);    // removes the bar, writes the last JSON line, the report and the trace
//   (print the summary line after this)
//
// Thread-safety: one thread at a time. Starts no threads, installs no signal handlers. SIGPIPE should be ignored by the
// process, so that a reader who left shows as EPIPE.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "mtask/events.hpp"
#include "mtask/result.hpp"

namespace mtask::ui {

enum class ProgressMode : std::uint8_t {
  kAuto,    // a live bar when stderr is a terminal that can move its cursor (TERM is set and not dumb)
  kAlways,  // also elsewhere: there a plain line every second
  kNever,
  kJson,  // {"event":"progress",…} lines on stderr, about ten a second at most
};

struct Options {
  std::string command;            // "copy": trouble lines begin with "mtask copy: "
  std::string items = "items";    // what the bar calls them: "files"
  std::string name_key = "path";  // what JSON lines call an item's name
  ProgressMode progress = ProgressMode::kAuto;
  // JSON lines to this file; "-" or "": stdout; "/dev/fd/N": descriptor N, which was inherited. Format:
  // ui/json_lines.hpp
  std::optional<std::string> json_path;
  std::optional<std::string> report_path;  // HTML page, written by finish()
  std::optional<std::string> trace_path;   // Chrome trace, written by finish()
  bool quiet = false;                      // failures only: no warnings, no progress unless kAlways or kJson asks
  int verbosity = 0;           // 1: retries, a line per finished item, worker lines; 2: also started and skipped
  bool dry_run_lines = false;  // "ACTION 'name'" on stdout for every kFinished (not when stdout carries JSON)
  // What stderr says of an item that failed, is run again or is warned of; empty: its detail.
  std::function<std::string(const Event&)> trouble_text;
  // Called once, as soon as writing to stdout or to the JSON file failed (EPIPE, disk full), so that a run
  // that only tells can be stopped; what comes later is dropped, finish() returns the same error. May be empty.
  std::function<void(const Error&)> on_output_lost;
  int out_fd = 1;  // not owned
  int err_fd = 2;  // not owned
};

using FieldValue = std::variant<std::uint64_t, double, std::string, bool>;
// Names and values in the order they are shown; names are written as they are given (snake_case by convention).
using SummaryFields = std::vector<std::pair<std::string, FieldValue>>;

class Ui : public Events {
 public:
  // The least that the chosen listeners need: kTroubles without JSON, report, trace, verbosity and dry run.
  [[nodiscard]] Detail detail() const override = 0;
  // Whether progress is shown, or lines on stdout need its beat to be written in time.
  [[nodiscard]] bool progress_wanted() const override = 0;
  // Whether progress is shown, so that counting ahead is worth its cost.
  [[nodiscard]] virtual bool totals_wanted() const = 0;

  // "mtask COMMAND: TEXT" on stderr (and in the log file), above the bar. `text` is one line, names already quoted.
  virtual void message(std::string_view text) = 0;
  // The same without "mtask COMMAND: ", for what the user asked to see.
  virtual void line(std::string_view text) = 0;

  // Takes the bar off before something else writes to the same terminal; the next progress draws it again.
  virtual void make_room() = 0;

  // Ends the show: nothing of the bar stays, counts of suppressed troubles are told, the summary is the last JSON line,
  // report and trace get their names (written under a temporary name, then renamed; an older file stays whole until
  // then). Call once. All of it is tried even if a part fails; the first error is returned. code EPIPE (generic
  // category): the reader of stdout has left. Without finish() the destructor removes the bar and writes no files.
  [[nodiscard]] virtual Result<void> finish(const SummaryFields& summary) = 0;
};

// Errors (kind kUsage): a file of the options can't be created; nothing was written then.
[[nodiscard]] Result<std::unique_ptr<Ui>> open(const Options& options);

// Takes a live bar off the terminal, for a signal handler that is about to call _exit. Async-signal-safe; does nothing
// when no bar is on the screen.
void erase_bar_now() noexcept;

}  // namespace mtask::ui
