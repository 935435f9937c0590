#pragma once
// A worker process: one slot. Takes jobs from the table, runs each to its end, tells the supervisor.

#include <poll.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.hpp"
#include "pool/capture.hpp"
#include "pool/ending.hpp"
#include "pool/record.hpp"
#include "pool/run_state.hpp"
#include "pool/spawner.hpp"
#include "pool/stream.hpp"

namespace mtask::pool {

class Worker {
 public:
  // `bell`: one end of a socket pair; the supervisor writes a byte when there is something new to see, and its end
  // closes when the supervisor is gone, however it went. Not owned.
  Worker(const RunState& run, std::uint32_t id, int bell);

  // The process's body; returns its exit status. Ends also when a job left processes behind: they must not be taken
  // for the next job's.
  [[nodiscard]] int work();

 private:
  struct Lines {
    std::string text;
    std::size_t sent = 0;
    bool error_stream;
  };

  // worker.cpp: what outlives a job
  [[nodiscard]] Result<void> set_up();
  [[nodiscard]] Result<void> set_up_outputs();
  [[nodiscard]] bool supervisor_lives();
  bool read_bell();
  [[nodiscard]] bool try_tell(const std::string& record, bool urgent);
  void tell(const std::string& record, bool urgent);
  void warn(const std::string& text);
  void tell_left();

  // job_run.cpp: one job
  void run(SlotId slot);
  void unpack();
  void begin_captures(std::string out, std::string err);
  void start();
  [[nodiscard]] bool wait_to_start(int error, std::uint64_t& pause);
  [[nodiscard]] int open_block();
  [[nodiscard]] bool wanted_over() const noexcept;
  [[nodiscard]] bool others_see_lines() const noexcept { return !config_.results && !config_.files; }
  void watch();
  [[nodiscard]] bool over() const noexcept;
  [[nodiscard]] bool wait_for_events(std::vector<pollfd>& watched);
  void look();
  void keep_time();
  void end_job(bool at_once);
  void reap();
  void take_output();
  void pass_on_lines(Lines& lines, bool all);
  void ask_to_stream();
  void begin_stream();
  void step_stream();
  void drain();
  void finish();
  void await_judgement();
  void complain(const std::string& text);

  const RunState& run_;
  const Config& config_;
  JobTable& table_;
  std::uint32_t id_;
  int bell_;
  Cell& cell_;
  Grouping grouping_;
  bool supervisor_gone_ = false;

  Pace pace_;
  Spawner spawner_;
  Ending ending_;
  CapturedStream out_;
  CapturedStream err_;
  UniqueFd null_;
  UniqueFd out_fd_;
  bool told_of_failed_start_ = false;

  // Of the job in hand:
  SlotId slot_ = 0;
  JobItem item_{};
  Record record_;
  std::string note_;
  std::vector<std::string> rendered_;  // words that named the slot
  std::vector<const char*> arguments_;
  std::string workdir_;
  int status_ = 0;
  bool job_over_ = false;
  bool children_left_ = false;
  bool asked_to_stream_ = false;
  bool no_room_for_lines_ = false;
  std::string untold_;                 // the record of its beginning, while there was no room for it
  std::uint64_t streamed_at_end_ = 0;  // bytes that were on their way when it ended
  std::optional<Stream> stream_;
  Lines out_lines_{{}, 0, false};
  Lines err_lines_{{}, 0, true};
};

}  // namespace mtask::pool
