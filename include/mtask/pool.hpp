#pragma once
// Runs many commands by forked worker processes, with their output kept apart, and loses none.
//
// run() forks, so call it while the process has one thread. It makes the calling process a child subreaper for the
// time of the run and reaps only its own children. One run at a time per process.

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mtask/events.hpp"
#include "mtask/result.hpp"
#include "mtask/stop.hpp"

namespace mtask::pool {

using Milliseconds = std::chrono::milliseconds;

// Where values come from. Several sources are combined: each with each, the last one running fastest, or one value of
// each at a time (linked).
struct InputSource {
  enum class Kind : std::uint8_t { kStandardInput, kFile, kArguments };
  Kind kind = Kind::kStandardInput;
  std::string path;                 // of kFile; "-" is standard input
  std::vector<std::string> values;  // of kArguments
  bool linked = false;              // to the source before it (:::+, ::::+)
};

struct Inputs {                      // NOLINT(clang-analyzer-optin.performance.Padding): the order is for the reader
  std::vector<InputSource> sources;  // none: standard input
  char delimiter = '\n';
  std::optional<std::string> colsep;  // a regular expression (Perl's) that parts a value into columns
  bool header = false;                // the first value of each source names its column(s)
  bool link = false;                  // all sources linked; shorter ones start again
  std::uint64_t max_args = 0;         // -n/-N: values (with several sources: combinations) a job; 0: one
  bool positional = false;            // -N: a word's context is repeated, as with -X; with max_args 0 (-N0): each
                                      // value runs the command once and is not inserted
  std::uint64_t max_lines = 0;        // -L: lines a job; a line that ends in a blank goes on in the next
  enum class Packing : std::uint8_t { kNone, kWords, kContext };  // kWords: -m, kContext: -X
  Packing packing = Packing::kNone;
  std::uint64_t max_chars = 0;     // -s: bytes of a command line; 0: what the system takes
  std::optional<std::string> end;  // -E: the value that ends the input
  enum class Trim : std::uint8_t { kNone, kLeft, kRight, kBoth };
  std::optional<Trim> trim;  // of what is inserted; none: both sides with colsep, else as it is
  bool shuffle = false;
  std::optional<std::uint64_t> seed;  // of the shuffle
  bool no_run_if_empty = false;       // -r: skip values that are empty or blank (with Pipe: such lines)
};

struct Template {
  std::vector<std::string> words;  // as given; none: each value is a command line itself, run by the shell
  bool shell = false;              // the words are joined by blanks and run by `$PARALLEL_SHELL`, `$SHELL` or /bin/sh
  bool quote = false;              // with shell: the words themselves are quoted, too (parallel's -q)
  std::string replacement = "{}";  // -I
  bool plus = false;               // --plus: {+/} {+.} {..} {...} {:-str} …
  std::optional<std::string> tag;  // --tag ("{}") or --tagstring, itself a template
  std::optional<std::string> workdir;  // a template
};

// --pipe: standard input is cut into blocks, each the standard input of one job.
struct Pipe {
  std::uint64_t block = 1U << 20;  // bytes, about
  std::string record_start;
  std::string record_end = "\n";
  bool regexp = false;
  bool remove_separators = false;  // --rrs
  std::uint64_t max_records = 0;   // -N, -L: records a job; 0: as many as fit
  std::uint64_t record_lines = 1;  // -L: lines a record (with -N: its records count as one)
  std::uint64_t header_lines = 0;  // --header: given to each job first
};

enum class Grouping : std::uint8_t { kJob, kLine, kNone };

struct Halt {
  enum class When : std::uint8_t { kNever, kSoon, kNow };
  enum class Of : std::uint8_t { kFail, kSuccess, kDone };
  When when = When::kNever;
  Of of = Of::kFail;
  std::uint64_t count = 0;  // this many, or
  double percent = 0;       // this share of all jobs (and at least three done, as GNU parallel)
};

struct Timeout {
  std::optional<Milliseconds> fixed;
  std::optional<double> percent;  // of the median of the successful jobs so far, once three are known
};

enum class Resume : std::uint8_t {
  kNo,
  kResume,        // skip what the log has
  kResumeFailed,  // skip what the log has as successful
  kRetryFailed,   // run what the log has as failed, commands taken from the log; the inputs are not read
};

struct Config {  // NOLINT(clang-analyzer-optin.performance.Padding): as above
  Template command;
  Inputs inputs;
  std::optional<Pipe> pipe;

  unsigned slots = 1;  // jobs at the same time, 1 to 1024
  // Asked again about once a second: the number of slots now wanted (--jobs FILE); may be empty. At most max_slots.
  std::function<std::optional<unsigned>()> slots_now;
  unsigned max_slots = 0;  // 0: `slots`

  Grouping grouping = Grouping::kJob;
  bool keep_order = false;
  bool files = false;                   // print the names of files that keep the output, instead of the output
  std::optional<std::string> results;   // a directory (or a template with {…}) for the outputs, in parallel's layout
  std::optional<std::string> tmpdir;    // for outputs that don't fit in memory; none: $TMPDIR or /tmp
  int out_fd = 1;                       // not owned
  int err_fd = 2;                       // not owned
  std::function<void()> before_output;  // called before the engine writes to out_fd or err_fd; may be empty

  Timeout timeout;
  Milliseconds grace{5000};  // from TERM to KILL
  // Signals that end a job, each with the time to wait after it; KILL comes last in any case. Empty: TERM and `grace`.
  std::vector<std::pair<int, Milliseconds>> term_sequence;
  std::uint32_t tries = 1;        // --retries N: at most N runs of a job
  Milliseconds backoff{0};        // before the second run; doubles each time
  std::uint32_t crash_limit = 3;  // a job whose worker died this often is given up
  Halt halt;
  Milliseconds delay{0};  // between two starts
  double limit_rate = 0;  // starts a second; 0: no limit
  std::optional<double> max_load;
  std::optional<std::uint64_t> min_free_memory;  // bytes
  std::optional<int> nice;
  std::vector<std::pair<std::string, std::string>> environment;  // set for each job, beside the inherited ones
  bool terminal = false;  // --tty: jobs keep the terminal's process group and read from the terminal

  std::optional<std::string> joblog;
  bool append_log = false;  // keep what the log has (resuming implies it)
  Resume resume = Resume::kNo;

  // --interactive: false skips the job; may be empty. To return soon once a stop is requested.
  std::function<bool(const std::string& command, const StopToken& stop)> confirm;
  bool dry_run = false;  // print the command lines, run nothing
};

struct Summary {
  std::uint64_t jobs = 0;  // begun or given up; not those that a log spared
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;
  std::uint64_t troubles = 0;  // failures beside the jobs' own: of an input, of the output, of the log
  std::uint64_t skipped = 0;   // done before, as the log says, or not wanted (confirm)
  std::uint64_t retried = 0;
  std::uint64_t timed_out = 0;
  std::uint64_t killed = 0;  // given up because their worker was killed
  std::uint64_t worker_deaths = 0;
  std::uint64_t bytes_out = 0;  // of the jobs' output, both streams
  double seconds = 0;
  int exit_status = 0;       // as GNU parallel's: 0; 1 to 100: so many failed; 101: more; or the halting job's own;
                             // not 0 where there were troubles, 3 where one of them ended the run
  bool halted = false;       // by `halt`
  bool interrupted = false;  // a stop request ended it early
  bool reader_left = false;  // nobody reads out_fd any more
};

// Runs as `config` says. An error means that nothing was run (usage, an input that can't be opened, no log); failures
// of single jobs are told to `events` and counted in the summary.
[[nodiscard]] Result<Summary> run(const Config& config, Events& events, StopToken stop);

}  // namespace mtask::pool
