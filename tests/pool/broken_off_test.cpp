// Jobs that the run itself ends, and when what happened is said to have happened.

#include <catch2/catch.hpp>
#include <chrono>
#include <map>
#include <string>

#include "harness.hpp"
#include "support/files.hpp"

using namespace mtask;
using namespace mtask::test;

namespace {

// The log of a run that `first` was part of until another job, which waits for the file $1 of `first`, halted it.
std::string log_of_halted(const std::string& first, PoolRun& run) {
  const TempDir scratch;
  pool::Config config = with_slots(2);
  config.joblog = scratch / "log";
  config.halt = {pool::Halt::When::kNow, pool::Halt::Of::kFail, 1, 0};
  const std::string begun = scratch / "begun";
  run = run_pool(config, {command({"sh", "-c", first, "sh", begun}),
                          command({"sh", "-c", "while ! [ -e $1 ]; do :; done; exit 7", "sh", begun})});
  return read_file(scratch / "log");
}

}  // namespace

TEST_CASE("a job that a halt breaks off is not in the log, so that resuming runs it", "[pool]") {
  PoolRun run;
  const std::string log = log_of_halted("touch $1; sleep 1000", run);
  CHECK(run.summary.exit_status == 7);
  CHECK(log.find("\n2\t") != std::string::npos);
  CHECK(log.find("\n1\t") == std::string::npos);
}

TEST_CASE("a job that ends well though it was asked to end is in the log", "[pool]") {
  PoolRun run;
  const std::string log = log_of_halted("trap 'exit 0' TERM; touch $1; while :; do sleep 0.01; done", run);
  CHECK(run.summary.succeeded == 1);
  CHECK(log.find("\n1\t") != std::string::npos);
}

TEST_CASE("a job begins and ends when it did, not when it was heard of", "[pool]") {
  std::map<std::uint64_t, std::chrono::steady_clock::time_point> begun;
  std::map<std::uint64_t, std::chrono::duration<double>> took;
  SeenEvents events;
  events.on_event = [&](const Event& event) {
    if (event.kind == Event::Kind::kStarted) begun[event.item] = event.time;
    if (event.kind == Event::Kind::kFinished || event.kind == Event::Kind::kFailed)
      took[event.item] = event.time - begun[event.item];
  };
  ListedJobs jobs(2, [](std::uint64_t i) { return shell(i == 1 ? "sleep 0.3" : "sleep 0.2; exit 1"); });
  const PoolRun run = run_pool(with_slots(1), jobs, {}, std::move(events));
  CHECK(run.summary.failed == 1);
  CHECK(took[1].count() >= 0.3);
  CHECK(took[2].count() >= 0.2);
  CHECK(begun[2] - begun[1] >= std::chrono::milliseconds(300));
}
