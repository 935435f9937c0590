#pragma once
// Runs jobs through the engine as its caller would, with their output caught and all events kept.

#include <functional>
#include <string>
#include <vector>

#include "mtask/pool.hpp"
#include "pool/engine.hpp"
#include "support/pool_command.hpp"
#include "support/temp_dir.hpp"

namespace mtask::test {

// Jobs that are known beforehand, or made one by one.
class ListedJobs : public pool::JobSource {
 public:
  explicit ListedJobs(std::vector<pool::JobSpec> jobs);
  ListedJobs(std::uint64_t count, std::function<pool::JobSpec(std::uint64_t)> make);
  Result<std::optional<pool::JobSpec>> next() override;
  [[nodiscard]] int input_fd() const override { return -1; }
  [[nodiscard]] std::optional<std::uint64_t> total() const override { return count_; }

 private:
  std::uint64_t count_;
  std::function<pool::JobSpec(std::uint64_t)> make_;
  std::uint64_t next_ = 1;
};

[[nodiscard]] pool::JobSpec command(std::vector<std::string> argv);
[[nodiscard]] pool::JobSpec shell(const std::string& text);
// One `sh -c` a text, numbered from 1.
[[nodiscard]] std::vector<pool::JobSpec> shells(const std::vector<std::string>& texts);

struct SeenEvent {
  Event::Kind kind;
  std::uint64_t item;
  std::string name;
  std::string detail;
};

class SeenEvents : public Events {
 public:
  void event(const Event& event) override;
  void progress(const Progress& progress) override;
  [[nodiscard]] Detail detail() const override { return Detail::kAll; }
  [[nodiscard]] bool progress_wanted() const override { return on_progress != nullptr; }

  std::vector<SeenEvent> seen;
  std::function<void(const Progress&)> on_progress;
  std::function<void(const Event&)> on_event;
  [[nodiscard]] std::vector<SeenEvent> of(Event::Kind kind) const;
  // Details of all events, one a line.
  [[nodiscard]] std::string text() const;
};

struct PoolRun {
  pool::Summary summary;
  std::string out;
  std::string err;
  SeenEvents events;
  std::vector<std::string> left;  // names that the run left in its directory for temporary files
};

// Outputs go to files; `config.tmpdir` is set to a scratch directory unless it is set already. Fails the test when the
// run can't be made.
[[nodiscard]] PoolRun run_pool(pool::Config config, std::vector<pool::JobSpec> jobs, StopToken stop = {});
[[nodiscard]] PoolRun run_pool(pool::Config config, pool::JobSource& jobs, StopToken stop = {});
[[nodiscard]] PoolRun run_pool(pool::Config config, pool::JobSource& jobs, StopToken stop, SeenEvents events);

// All that a file holds, wherever its position is.
[[nodiscard]] std::string content(int fd);

[[nodiscard]] pool::Config with_slots(unsigned slots);

// True once `condition` holds; false after ten seconds without.
[[nodiscard]] bool soon(const std::function<bool()>& condition);

}  // namespace mtask::test
