// Killed workers and a killed supervisor: no job is lost or doubled, nothing is left running.

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <set>
#include <string>

#include "harness.hpp"
#include "pool/family.hpp"
#include "support/files.hpp"
#include "support/processes.hpp"

using namespace mtask;
using namespace mtask::test;

namespace {

// Kills a worker at every sixth end of a job, from within the run's own process: each in turn.
SeenEvents killing_workers() {
  SeenEvents events;
  events.on_event = [ends = std::size_t{0}](const Event& event) mutable {
    if (event.kind != Event::Kind::kFinished || ++ends % 6 != 0) return;
    const std::vector<pid_t> workers = pool::children_of(::getpid());
    if (!workers.empty()) ::kill(workers[ends / 6 % workers.size()], SIGKILL);
  };
  return events;
}

}  // namespace

TEST_CASE("workers killed again and again lose and double no job's output", "[pool]") {
  const bool keep_order = GENERATE(true, false);
  pool::Config config = with_slots(4);
  config.keep_order = keep_order;
  config.crash_limit = 1000;
  ListedJobs jobs(150, [](std::uint64_t i) { return command({"echo", std::to_string(i)}); });
  const PoolRun run = run_pool(config, jobs, {}, killing_workers());
  std::map<std::string, int> seen;
  std::string line;
  std::string expected;
  for (const char c : run.out) {
    if (c == '\n')
      ++seen[std::exchange(line, {})];
    else
      line += c;
  }
  CHECK(seen.size() == 150);
  for (const auto& [text, count] : seen) CHECK(count == 1);
  CHECK(run.summary.jobs == 150);
  CHECK(run.summary.succeeded == 150);
  CHECK(run.summary.worker_deaths > 0);
  if (keep_order) {
    for (int i = 1; i <= 150; ++i) expected += std::to_string(i) + "\n";
    CHECK(run.out == expected);
  }
  CHECK(run.left.empty());
}

TEST_CASE("a job that always takes its worker along is given up", "[pool]") {
  pool::Config config = with_slots(2);
  config.crash_limit = 2;
  const PoolRun run = run_pool(config, shells({"kill -9 $PPID; sleep 10", "echo fine"}));
  CHECK(run.summary.killed == 1);
  CHECK(run.summary.failed == 1);
  CHECK(run.summary.succeeded == 1);
  CHECK(run.summary.worker_deaths == 2);
  CHECK(run.out == "fine\n");
  const auto failed = run.events.of(Event::Kind::kFailed);
  REQUIRE(failed.size() == 1);
  CHECK(failed[0].detail == "killed: its worker was killed 2 times");
}

TEST_CASE("the job of a killed worker ends with all it started", "[pool]") {
  pool::Config config = with_slots(1);
  config.crash_limit = 1;
  const std::string mark = own_mark("987601");
  const PoolRun run = run_pool(config, shells({"setsid sleep " + mark + " & (trap '' TERM; sleep " + mark +
                                               ") & sleep 0.1; kill -9 $PPID; sleep " + mark}));
  CHECK(run.summary.killed == 1);
  CHECK(processes_with(mark).empty());
}

TEST_CASE("what a job leaves behind on purpose lives on, even when another's worker is killed", "[pool]") {
  pool::Config config = with_slots(1);
  config.crash_limit = 1;
  const std::string mark = own_mark("987602");
  const PoolRun run =
      run_pool(config, shells({"sleep " + mark + " >/dev/null 2>&1 &", "kill -9 $PPID; sleep 5", "echo on"}));
  CHECK(run.out == "on\n");
  const auto left = processes_with(mark);
  REQUIRE(left.size() == 1);
  ::kill(left[0], SIGKILL);
  ::waitpid(left[0], nullptr, 0);
}

TEST_CASE("a job that leaves a process behind holds up nothing", "[pool]") {
  const std::string mark = own_mark("987603");
  const PoolRun run = run_pool(with_slots(1), shells({"sleep " + mark + " & echo a", "echo b"}));
  CHECK(run.out == "a\nb\n");
  for (const pid_t pid : processes_with(mark)) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
}

TEST_CASE("when the supervisor is killed, its jobs end with all they started and nothing stays", "[pool]") {
  const TempDir scratch;
  const std::string mark = own_mark("987604");
  const pid_t pid = ::fork();
  REQUIRE(pid != -1);
  if (pid == 0) {
    pool::Config config = with_slots(3);
    config.tmpdir = scratch.path();
    std::vector<pool::JobSpec> list =
        shells({"setsid sleep " + mark + " & (trap '' TERM; sleep " + mark + ") & sleep " + mark});
    list.push_back(shell("seq 100000; sleep " + mark));
    ListedJobs jobs(list);
    SeenEvents events;
    config.out_fd = ::open("/dev/null", O_WRONLY);
    static_cast<void>(pool::run_jobs(config, jobs, events, {}));
    ::_exit(0);
  }
  REQUIRE(soon([&] { return processes_with(mark).size() >= 5 && paths_below(scratch.path()).size() >= 3; }));
  auto family = descendants(pid);
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
  CHECK(soon([&] { return processes_with(mark).empty(); }));
  CHECK(all_ended_within(family, std::chrono::seconds(10)));
  CHECK(soon([&] { return paths_below(scratch.path()).empty(); }));
}

TEST_CASE("a later run takes away what a killed one left", "[pool]") {
  const TempDir scratch;
  ::mkdir((scratch / "mtask-pool-abcdef").c_str(), 0700);
  std::ofstream(scratch / "mtask-pool-abcdef" / "lock") << "";
  std::ofstream(scratch / "mtask-pool-abcdef" / "7.out") << "old";
  pool::Config config = with_slots(1);
  config.tmpdir = scratch.path();
  CHECK(run_pool(config, shells({"true"})).left.empty());
}

TEST_CASE("a caller that ignores its children's ends loses no job either", "[pool]") {
  struct sigaction before {};
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGCHLD, &ignore, &before);
  const PoolRun run = run_pool(with_slots(1), shells({"echo a", "kill -9 $PPID; sleep 5", "echo b"}));
  ::sigaction(SIGCHLD, &before, nullptr);
  CHECK(run.out == "a\nb\n");
  CHECK(run.summary.killed == 1);
}
