#pragma once
// A run as JSON lines (--json), stable: fields may be added, none changes its meaning. One object a line:
//
//   event   "started"   a worker took the item
//           "finished"  the item is done
//           "skipped"   nothing had to be done
//           "failed"    given up
//           "retried"   will be tried again
//           "warning"   worth telling, and no failure
//           "progress"  a snapshot of the run (only with --progress=json, on stderr)
//           "summary"   the last line of a run that ended in order: "event", "time" and the command's own fields
//   time    seconds since the run began, monotonic
//
// In all but progress and summary, each left out where it doesn't apply:
//   worker  number of the worker, from 0; left out for the supervisor
//   item    number of the item, the same in all lines about it; from 1
//   path    what it is: a path or URL (`command` in runs of commands). Where it is not UTF-8, each bad byte is U+FFFD
//   here, and path_base64  holds the exact bytes (the same holds for every text: KEY_base64) action  one word, what was
//   done: "copy", "link", "mkdir", … bytes   in finished: how many bytes were moved detail  in failed, retried,
//   warning: the reason, one line
//
// In progress:
//   items_done, bytes_done, items_failed   so far
//   items_total, bytes_total               a lower bound until
//   totals_known                           is true
//   workers                                a list, in the order of their numbers, of
//     pid      0 when there is none
//     items    finished so far
//     bytes    moved so far
//     current  what it holds; "" while it waits

#include <string>

#include "mtask/events.hpp"
#include "ui/output.hpp"
#include "ui/ui.hpp"

namespace mtask::ui {

// Each without the newline.
[[nodiscard]] std::string event_line(const Event& event, MonotonicTime began, std::string_view name_key = "path");
[[nodiscard]] std::string progress_line(const Progress& progress, MonotonicTime began);
[[nodiscard]] std::string summary_line(const SummaryFields& fields, MonotonicTime began, MonotonicTime now);

}  // namespace mtask::ui
