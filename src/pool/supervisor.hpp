#pragma once
// The process that feeds jobs to the workers of a run, replaces dead ones, orders and writes what the jobs say.
//
// It waits in one place (loop()) and on nothing else, neither on a slow input nor on a slow reader; only a question to
// the user and the end of a killed worker's job hold it up. How jobs ended is always read at once, and output that
// waits for its reader goes to a file beyond some MiB. Passed-on lines alone stay with the workers then, which stop
// reading from their jobs.

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.hpp"
#include "mtask/pool.hpp"
#include "pool/admission.hpp"
#include "pool/halt_policy.hpp"
#include "pool/job.hpp"
#include "pool/job_text.hpp"
#include "pool/open_line.hpp"
#include "pool/orphans.hpp"
#include "pool/printer.hpp"
#include "pool/record.hpp"
#include "pool/retry_policy.hpp"
#include "pool/run_logs.hpp"
#include "pool/run_state.hpp"
#include "pool/timeout_policy.hpp"
#include "pool/writer.hpp"
#include "workers/worker_group.hpp"

namespace mtask::pool {

class Supervisor {
 public:
  Supervisor(RunState& run, RunLogs& logs, JobSource& source, Events& events, StopToken stop, int wake);

  Result<void> work();
  [[nodiscard]] Summary summary(double seconds) const;

 private:
  // A job in a slot of the table; what only the supervisor needs of it.
  struct Pending {
    JobSpec job;  // without argv and block
    KeptPaths kept;
    std::uint64_t ticket = 0;  // 0: the slot is free
    std::uint32_t bytes = 0;
    std::uint64_t block_bytes = 0;
    std::uint32_t runs = 1;
  };
  struct Bell {
    UniqueFd ours;
    UniqueFd theirs;
  };
  struct Retry {
    std::uint64_t due;
    SlotId slot;
    std::uint32_t worker;
    std::string record;  // of the run that failed: the last word if there is no time for another
  };
  struct Streamer {
    std::uint32_t worker;
    std::uint64_t ticket;
  };

  // supervisor.cpp: the loop, workers
  Result<void> loop();
  Result<void> watch();
  [[nodiscard]] Milliseconds patience() const;
  void tick();
  void admit();
  void end_youngest();
  void tell_progress();
  void close(bool end_now);
  [[nodiscard]] bool complete() const;
  [[nodiscard]] bool closed() const noexcept { return table_.controls().closed != 0; }
  void start_workers();
  Result<void> start_worker(std::uint32_t worker);
  int worker_body(std::uint32_t worker);
  void ring(std::uint32_t worker) const noexcept;
  void handle_exit(const workers::WorkerGroup::Exit& exit);
  // Whether it held anything.
  bool recover(std::uint32_t worker);
  void forgo_workers();

  // supervisor_feed.cpp: from the source to the table
  void feed();
  [[nodiscard]] bool has_room() const;
  void accept(JobSpec job);
  [[nodiscard]] bool done_before(const JobSpec& job);
  void push(JobSpec job);
  void print_only(const JobSpec& job);
  [[nodiscard]] bool store_block(SlotId slot, const std::string& block);
  void refuse(JobSpec job, const std::string& why, int exit_code);
  void watch_input(bool wanted);
  [[nodiscard]] Result<KeptPaths> kept_paths(const JobSpec& job) const;

  // supervisor_records.cpp: from the records to output, events and counts
  void drain();
  // `whatever_waits`: lines, too, however many wait for their reader.
  void drain_ring(std::uint32_t worker, bool whatever_waits);
  [[nodiscard]] bool next_record(std::uint32_t worker, bool whatever_waits);
  void handle(std::uint32_t worker, std::string_view bytes);
  void begun(std::uint32_t worker, const Record& record);
  void text(std::uint32_t worker, const DecodedRecord& decoded);
  void end_line(std::uint32_t worker, const Pending& pending, Target target);
  void ended(std::uint32_t worker, std::string_view bytes, bool final);
  void retry(std::uint32_t worker, std::string_view bytes, Milliseconds pause, const std::string& why);
  void run_retries();
  enum class Log : bool { kNo, kYes };
  void settle(std::uint32_t worker, SlotId slot, const JobResult& result, const std::string& failure, Log log,
              std::uint64_t ended_at);
  void give_up(std::uint32_t worker, SlotId slot, const std::string& why);
  void release_settled();
  void discard(const DecodedRecord& decoded, const Pending& pending);
  void print(std::uint32_t worker, const DecodedRecord& decoded);
  void lose_reader();
  void grant_stream();
  void forget_stream(std::uint64_t ticket);
  void write_output();
  void lose_output(const Writer::Failure& failure);
  // `at`: steady_ns() of when it happened; 0: now.
  void tell(Event::Kind kind, std::uint32_t worker, const JobSpec* job, std::string_view detail,
            std::uint64_t bytes = 0, std::uint64_t at = 0);
  // A failure that is no job's own; `item`: the job whose output it befell.
  void trouble(std::string_view detail, std::uint64_t item = 0);

  // Every end of a job, once: counts; the job log, halt and timeout policies hear of it here.
  void record(const JobSpec& job, const JobResult& result, Log log);
  void heed_timeouts(const JobResult& result);
  void heed_halt(const JobResult& result);
  void write_log(const JobSpec& job, const JobResult& result);
  void close_log();

  RunState& run_;
  RunLogs& logs_;
  const Config& config_;
  JobTable& table_;
  JobSource& source_;
  Events& events_;
  StopToken stop_;
  int wake_;
  Grouping grouping_;
  HaltPolicy halt_;
  RetryPolicy retry_;
  TimeoutPolicy timeout_;
  Admission admission_;

  std::optional<workers::WorkerGroup> group_;
  std::vector<Bell> bells_;
  std::optional<Orphans> orphans_;
  Writer writer_;
  Printer printer_;

  std::vector<Pending> pending_;  // by slot
  std::uint32_t live_ = 0;        // slots in use
  std::uint64_t live_bytes_ = 0;
  std::uint64_t last_ticket_ = 0;
  bool exhausted_ = false;
  int input_watched_ = -1;
  int out_watched_ = -1;
  UniqueFd reader_;  // out_fd once more, watched for the end of its reader; none: it is no pipe, or that is known
  std::vector<Retry> retries_;
  std::vector<SlotId> settled_;
  std::deque<Streamer> stream_queue_;
  std::optional<Streamer> streaming_;
  [[nodiscard]] OpenLine& open_line(std::uint32_t worker, Target target) {
    return open_lines_[2 * static_cast<std::size_t>(worker) + (target == Target::kErr ? 1 : 0)];
  }
  std::vector<OpenLine> open_lines_;    // by worker and target
  std::vector<std::string> held_back_;  // by worker: a record of lines that waits for room; empty: none
  std::string record_;
  std::string files_tag_;
  bool timeout_changed_ = false;
  bool told_of_changed_inputs_ = false;
  bool told_of_joblog_ = false;
  std::uint32_t barren_deaths_ = 0;
  std::uint64_t next_tick_ = 0;
  std::uint64_t next_worker_ = 0;  // no worker is started before, as that has just failed
  bool told_of_missing_worker_ = false;
  bool cut_short_ = false;  // by a trouble, while there may have been more to do
  Summary sum_;
};

}  // namespace mtask::pool
