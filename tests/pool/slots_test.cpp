// When jobs start, and how many at once; blocks as standard input.

#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <sstream>
#include <string>

#include "harness.hpp"
#include "support/files.hpp"

using namespace mtask;
using namespace mtask::test;

namespace {

// Runs jobs that do nothing, and checks by the job log that each started at least `step` seconds after its forerunner
// was allowed to. Starts may be late, so times count from before the run.
void check_starts(pool::Config config, std::uint64_t jobs, double step) {
  const TempDir scratch;
  const std::chrono::duration<double> before = std::chrono::system_clock::now().time_since_epoch();
  config.joblog = scratch / "log";
  ListedJobs listed(jobs, [](std::uint64_t) { return command({"true"}); });
  static_cast<void>(run_pool(std::move(config), listed));
  std::istringstream log(read_file(scratch / "log"));
  std::vector<double> times;
  for (std::string line; std::getline(log, line);) {
    std::istringstream fields(line);
    std::string seq, host;
    double time = 0;
    if (fields >> seq >> host >> time) times.push_back(time);
  }
  std::sort(times.begin(), times.end());
  REQUIRE(times.size() == jobs);
  for (std::size_t i = 0; i < times.size(); ++i) {
    CHECK(times[i] - before.count() > static_cast<double>(i) * step - 0.002);  // the log is cut to milliseconds
  }
}

}  // namespace

TEST_CASE("two starts are a delay apart, whoever starts", "[pool]") {
  pool::Config config = with_slots(4);
  config.delay = pool::Milliseconds(100);
  check_starts(config, 6, 0.1);
}

TEST_CASE("a rate is not exceeded", "[pool]") {
  pool::Config config = with_slots(4);
  config.limit_rate = 20;
  check_starts(config, 11, 0.05);
}

TEST_CASE("the number of slots follows what is asked for", "[pool]") {
  pool::Config config = with_slots(1);
  config.max_slots = 3;
  int asked = 0;
  config.slots_now = [&]() -> std::optional<unsigned> { return ++asked > 1 ? 3U : 1U; };
  SeenEvents events;
  unsigned most = 0;
  events.on_progress = [&](const Progress& progress) {
    unsigned busy = 0;
    for (const WorkerStatus& worker : progress.workers) busy += worker.current.empty() ? 0U : 1U;
    most = std::max(most, busy);
  };
  ListedJobs jobs(40, [](std::uint64_t) { return shell("sleep 0.1"); });
  const PoolRun run = run_pool(config, jobs, {}, events);
  CHECK(run.summary.succeeded == 40);
  CHECK(most == 3);
}

TEST_CASE("fewer slots leave the surplus idle", "[pool]") {
  pool::Config config = with_slots(3);
  config.slots_now = [] { return std::optional<unsigned>(1); };
  ListedJobs jobs(20, [](std::uint64_t) { return shell("echo $PARALLEL_JOBSLOT; sleep 0.05"); });
  const PoolRun run = run_pool(config, jobs);
  CHECK(run.summary.succeeded == 20);
  CHECK_THAT(run.out, Catch::EndsWith("1\n1\n1\n"));
}

TEST_CASE("a block is the standard input of its job", "[pool]") {
  pool::Config config = with_slots(2);
  config.pipe.emplace();
  config.keep_order = true;
  ListedJobs jobs(50, [](std::uint64_t i) {
    pool::JobSpec job = command({"cat"});
    job.block = std::to_string(i) + std::string(i % 3 * 50000, 'x') + "\n";
    return job;
  });
  std::string expected;
  for (std::uint64_t i = 1; i <= 50; ++i) expected += std::to_string(i) + std::string(i % 3 * 50000, 'x') + "\n";
  const PoolRun run = run_pool(config, jobs);
  CHECK((run.out == expected));
}

TEST_CASE("more silent jobs than the table holds all run", "[pool]") {
  // It holds 512.
  ListedJobs jobs(600, [](std::uint64_t) { return command({"true"}); });
  const PoolRun run = run_pool(with_slots(2), jobs);
  CHECK(run.summary.succeeded == 600);
}

namespace {

// Jobs from a pipe, one a line: the engine must not block on it.
class PipedJobs : public pool::JobSource {
 public:
  explicit PipedJobs(int fd) : fd_(fd) {}
  Result<std::optional<pool::JobSpec>> next() override {
    const std::string line = text_.substr(0, text_.find('\n'));
    text_.erase(0, line.size() + 1);
    if (line.empty()) return std::optional<pool::JobSpec>();
    pool::JobSpec job = shell(line);
    job.seq = ++seq_;
    return std::optional<pool::JobSpec>(std::move(job));
  }
  [[nodiscard]] int input_fd() const override { return text_.find('\n') == std::string::npos ? fd_ : -1; }
  void take_input() override {
    char buffer[100];
    const ssize_t count = ::read(fd_, buffer, sizeof(buffer));
    if (count > 0) text_.append(buffer, static_cast<std::size_t>(count));
  }
  [[nodiscard]] std::optional<std::uint64_t> total() const override { return std::nullopt; }

 private:
  int fd_;
  std::string text_;
  std::uint64_t seq_ = 0;
};

}  // namespace

TEST_CASE("jobs run while more input is awaited", "[pool]") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  SeenEvents events;
  events.on_event = [&](const Event& event) {
    if (event.kind != Event::Kind::kFinished) return;
    const std::string line = event.item < 3 ? "echo more\n" : "\n";
    if (::write(ends[1], line.data(), line.size()) == -1) FAIL("write");
  };
  REQUIRE(::write(ends[1], "echo more\n", 10) == 10);
  PipedJobs jobs(ends[0]);
  const PoolRun run = run_pool(with_slots(2), jobs, {}, events);
  ::close(ends[0]);
  ::close(ends[1]);
  CHECK(run.out == "more\nmore\nmore\n");
}
