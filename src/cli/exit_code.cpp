#include "cli/exit_code.hpp"

#include <csignal>

namespace mtask::cli {
namespace {

constexpr int kSignalBase = 128;

}  // namespace

const std::vector<ExitMeaning>& exit_meanings(const Page& page) {
  static const std::vector<ExitMeaning> meanings = {
      {"0", "All is done; also when the reader of standard output left early (141 with --strict-pipe)"},
      {"1", "Some items failed, each was named on standard error; the rest is done"},
      {"2", "The options or the configuration are wrong; nothing was touched"},
      {"3", "It could not run at all or not go on: no such source, no space left at the destination"},
      {"128+n", "Signal n ended it: 130 after Ctrl-C, 143 after a plain kill, 129 after a hang-up"},
  };
  return page.exit_statuses.empty() ? meanings : page.exit_statuses;
}

int exit_code(const Result<void>& outcome, const Context& context) {
  const StopToken stop = context.stop.token();
  const int signal = stop.stop_requested() ? stop.reason() : 0;
  const bool interrupted = !outcome && outcome.error().kind == ErrorKind::kInterrupted;
  if (interrupted && signal > 0) return kSignalBase + signal;
  if (context.out.reader_left() && (outcome || interrupted)) return context.strict_pipe ? kSignalBase + SIGPIPE : 0;
  if (outcome) return 0;
  if (context.status && outcome.error().kind == ErrorKind::kItem) return *context.status;
  switch (outcome.error().kind) {
    case ErrorKind::kItem:
      return 1;
    case ErrorKind::kUsage:
      return 2;
    case ErrorKind::kUnavailable:
      return 3;
    case ErrorKind::kInterrupted:
      return kSignalBase + SIGINT;
  }
  return 3;
}

}  // namespace mtask::cli
