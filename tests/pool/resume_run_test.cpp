// A run and the log of its jobs: what is written, what is spared the next time.

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "harness.hpp"
#include "support/files.hpp"

using namespace mtask;
using namespace mtask::test;

TEST_CASE("the log has one record a job, and resuming runs the rest", "[pool]") {
  const TempDir scratch;
  pool::Config config = with_slots(2);
  config.joblog = scratch / "log";
  const auto jobs = shells({"echo a", "exit 3", "echo c"});
  CHECK(run_pool(config, {jobs[0], jobs[1]}).summary.jobs == 2);
  const std::string log = read_file(scratch / "log");
  CHECK(std::count(log.begin(), log.end(), '\n') == 3);
  CHECK_THAT(log, Catch::Contains("\t3\t0\texit 3\n"));

  config.resume = pool::Resume::kResume;
  const PoolRun rest = run_pool(config, jobs);
  CHECK(rest.out == "c\n");
  CHECK(rest.summary.skipped == 2);
  CHECK(rest.summary.jobs == 1);

  config.resume = pool::Resume::kResumeFailed;
  const PoolRun failed = run_pool(config, jobs);
  CHECK(failed.out.empty());
  CHECK(failed.summary.jobs == 1);
  CHECK(failed.summary.failed == 1);
}

TEST_CASE("failed jobs are retried from the log alone", "[pool]") {
  const TempDir scratch;
  const std::string flag = scratch / "flag";
  pool::Config config = with_slots(1);
  config.tmpdir = scratch.path();
  config.joblog = scratch / "log";
  static_cast<void>(run_pool(config, shells({"true", "test -e " + flag})));
  write_file(flag, "");
  config.resume = pool::Resume::kRetryFailed;
  SeenEvents events;
  const auto summary = pool::run(config, events, {});
  REQUIRE(summary.has_value());
  CHECK(summary->jobs == 1);
  CHECK(summary->succeeded == 1);
}
