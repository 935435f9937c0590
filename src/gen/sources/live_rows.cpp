// The rows of sources whose values come when they come.

#include "gen/sources/make.hpp"
#include "gen/stage_table.hpp"

namespace mtask::gen {
namespace {

constexpr StageOption kCount{"count", 'n', "N", "End after N values"};

}  // namespace

std::vector<StageRow> live_sources() {
  return {
      {.name = "lines",
       .group = kSources,
       .operands = "[FILE...]",
       .help = "The lines of files, one after the other; - or no FILE: of standard input",
       .manual = "They are handed on as soon as they are there. A last line without an end counts; a carriage return "
                 "before the end stays. With --keep-going a "
                 "file that "
                 "cannot be read is told and passed over.",
       .most = StageRow::kAny,
       .options = {{"null", '0', "", "Lines end with NUL bytes"}},
       .make = make_lines},
      {.name = "tick",
       .group = kSources,
       .operands = "INTERVAL",
       .help = "0, 1, 2, ... at every INTERVAL, the first after one",
       .manual = "The times do not drift. A tick that was missed comes late; none is lost.",
       .least = 1,
       .most = 1,
       .options = {kCount,
                   {"jitter", 0, "TIME", "Each is late by up to TIME, by chance"},
                   {"seed", 0, "N", "The same N gives the same jitter"}},
       .make = make_tick},
      {.name = "cron",
       .group = kSources,
       .operands = "'MIN HOUR DAY MONTH WEEKDAY'",
       .help = "Times, each when it has come: 2024-01-31T12:00:00+01:00",
       .manual =
           "Fields and time zone (TZ) as crontab(5) has them: * 5 1-5 */15 1,15 mon jan; also @hourly @daily @weekly "
           "@monthly @yearly. When clocks are put forward, what was to run in the skipped time runs right after it, "
           "once; "
           "when they are put back, nothing runs twice. Schedules whose minute or hour begins with * follow the clock.",
       .least = 1,
       .most = 5,
       .options = {kCount,
                   {"list", 'l', "", "Do not wait for the times"},
                   {"from", 0, "TIME", "The times from TIME on, without waiting"}},
       .make = make_cron},
      {.name = "cmd",
       .group = kSources,
       .operands = "COMMAND [ARGUMENT...]",
       .help = "The lines of a command's output",
       .manual = "One word that holds blanks or other shell syntax is run by /bin/sh. An exit status other than 0 is a "
                 "failure, "
                 "after its lines. Its input is empty. Where no more values are wanted, the command gets SIGTERM, and "
                 "SIGKILL 2 seconds later.",
       .least = 1,
       .most = StageRow::kAny,
       .options_first = true,
       .make = make_cmd},
      {.name = "tcp",
       .group = kSources,
       .operands = "HOST:PORT",
       .help = "The lines that a connection to HOST:PORT brings",
       .manual = "An IPv6 address stands in brackets: [::1]:7000.",
       .least = 1,
       .most = 1,
       .make = make_tcp},
  };
}

}  // namespace mtask::gen
