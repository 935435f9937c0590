// Time-outs and stops: what is to end ends, with all that came of it.

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "harness.hpp"
#include "support/files.hpp"

using namespace mtask;
using namespace mtask::test;

TEST_CASE("a job that takes too long is ended with its setsid and TERM-proof descendants", "[pool]") {
  pool::Config config = with_slots(1);
  config.timeout.fixed = pool::Milliseconds(2000);
  config.grace = pool::Milliseconds(300);
  const std::string mark = own_mark("987611");
  const PoolRun run =
      run_pool(config, shells({"echo begun; setsid sleep " + mark + " & (trap '' TERM; sleep " + mark + "; sleep " +
                                   mark + ") & trap '' TERM; sleep " + mark + "; sleep " + mark,
                               "echo next"}));
  CHECK(run.out == "begun\nnext\n");
  CHECK(run.summary.timed_out == 1);
  CHECK(run.summary.failed == 1);
  CHECK(run.summary.succeeded == 1);
  CHECK(processes_with(mark).empty());
  const auto failed = run.events.of(Event::Kind::kFailed);
  REQUIRE(failed.size() == 1);
  CHECK(failed[0].detail == "timed out after 2s");
}

TEST_CASE("a job that ends at the first signal may say farewell", "[pool]") {
  pool::Config config = with_slots(1);
  config.timeout.fixed = pool::Milliseconds(2000);  // enough to set a trap
  config.term_sequence = {{SIGUSR1, pool::Milliseconds(60000)}, {SIGTERM, pool::Milliseconds(60000)}};
  const PoolRun run = run_pool(config, shells({"trap 'echo bye; exit 7' USR1; while :; do sleep 0.05; done"}));
  CHECK(run.out == "bye\n");
  CHECK(run.summary.timed_out == 1);
}

TEST_CASE("a stop lets running jobs end and begins no more", "[pool]") {
  StopSource stop;
  SeenEvents events;
  events.on_event = [&](const Event& event) {
    if (event.kind == Event::Kind::kFinished) stop.request(0);
  };
  ListedJobs jobs(1000, [](std::uint64_t i) { return shell("echo " + std::to_string(i) + "; sleep 0.05"); });
  const PoolRun run = run_pool(with_slots(2), jobs, stop.token(), events);
  CHECK(run.summary.interrupted);
  CHECK(run.summary.failed == 0);
  CHECK(run.summary.jobs >= 1);
  CHECK(run.summary.jobs < 100);
  CHECK(std::count(run.out.begin(), run.out.end(), '\n') == static_cast<long>(run.summary.jobs));
  CHECK(run.left.empty());
}

TEST_CASE("a stop with kept order brings out what has run", "[pool]") {
  const TempDir scratch;
  const std::string stopped = scratch / "stopped";
  StopSource stop;
  SeenEvents events;
  events.on_event = [&](const Event& event) {
    if (event.kind != Event::Kind::kFinished || event.item != 3) return;
    stop.request(0);
    write_file(stopped, "");
  };
  pool::Config config = with_slots(2);
  config.keep_order = true;
  ListedJobs jobs(50, [&](std::uint64_t i) {
    return shell((i == 1 ? "until test -e " + stopped + "; do sleep 0.01; done; echo " : "echo ") + std::to_string(i));
  });
  const PoolRun run = run_pool(config, jobs, stop.token(), events);
  CHECK_THAT(run.out, Catch::StartsWith("1\n2\n3\n"));
  CHECK(std::count(run.out.begin(), run.out.end(), '\n') == static_cast<long>(run.summary.jobs));
}

TEST_CASE("when nobody reads the output any more the run ends and says so", "[pool]") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  ::close(ends[0]);
  pool::Config config = with_slots(2);
  config.out_fd = ends[1];
  const std::string mark = own_mark("987612");
  const PoolRun run = run_pool(config, shells({"echo a", "sleep " + mark, "sleep " + mark, "sleep " + mark}));
  ::close(ends[1]);
  CHECK(run.summary.reader_left);
  CHECK(processes_with(mark).empty());
}

TEST_CASE("a reader that goes away while a job streams ends that job", "[pool]") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  pool::Config config = with_slots(1);
  config.out_fd = ends[1];
  const pid_t reader = ::fork();
  if (reader == 0) {
    ::close(ends[1]);
    char buffer[4096];
    for (std::size_t total = 0; total < (3U << 20);) {
      const ssize_t count = ::read(ends[0], buffer, sizeof(buffer));
      if (count <= 0) break;
      total += static_cast<std::size_t>(count);
    }
    ::_exit(0);
  }
  ::close(ends[0]);
  const PoolRun run = run_pool(config, shells({"yes", "echo never"}));
  ::close(ends[1]);
  CHECK(run.summary.reader_left);
}

TEST_CASE("a halt at once ends the jobs that run, and the run exits as the job that did it", "[pool]") {
  pool::Config config = with_slots(2);
  config.halt = {pool::Halt::When::kNow, pool::Halt::Of::kFail, 1, 0};
  const std::string mark = own_mark("987613");
  const PoolRun run = run_pool(config, shells({"sleep " + mark, "exit 7", "echo never", "echo never"}));
  CHECK(run.summary.halted);
  CHECK(run.summary.exit_status == 7);
  CHECK(run.summary.failed >= 2);
  CHECK(processes_with(mark).empty());
}

TEST_CASE("a soft halt lets running jobs end", "[pool]") {
  pool::Config config = with_slots(2);
  config.halt = {pool::Halt::When::kSoon, pool::Halt::Of::kFail, 1, 0};
  ListedJobs jobs(500, [](std::uint64_t i) { return shell(i == 2 ? "exit 7" : "sleep 0.2; echo on"); });
  const PoolRun run = run_pool(config, jobs);
  CHECK(run.summary.halted);
  CHECK(run.summary.failed == 1);
  CHECK(run.summary.jobs < 10);
  CHECK_THAT(run.out, Catch::StartsWith("on\n"));
}

TEST_CASE("jobs that take much longer than the others time out", "[pool]") {
  pool::Config config = with_slots(2);
  config.timeout.percent = 1000;
  const std::string mark = own_mark("987614");
  const PoolRun run = run_pool(config, shells({"sleep " + mark, "true", "true", "true"}));
  CHECK(run.summary.timed_out == 1);
  CHECK(run.summary.succeeded == 3);  // there is no time-out before all three have ended
}
