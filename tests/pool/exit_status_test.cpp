#include "pool/exit_status.hpp"

#include <catch2/catch.hpp>

#include "joblog_support.hpp"

using namespace mtask;
using test::job_result;

TEST_CASE("a job's own value is its exit code, or 128 and the signal it died of") {
  CHECK(pool::job_exit_status(job_result(1, 0)) == 0);
  CHECK(pool::job_exit_status(job_result(1, 7)) == 7);
  CHECK(pool::job_exit_status(job_result(1, 255)) == 255);
  CHECK(pool::job_exit_status(job_result(1, 0, 9)) == 137);
}

TEST_CASE("a job that timed out has failed, with the value that parallel gives it") {
  pool::JobResult result = job_result(1);
  result.timed_out = true;
  CHECK(pool::has_failed(result));
  CHECK(pool::job_exit_status(result) == 255);
  result.signal = 15;
  CHECK(pool::job_exit_status(result) == 255);
}

TEST_CASE("a job fails by its exit code or a signal") {
  CHECK_FALSE(pool::has_failed(job_result(1)));
  CHECK(pool::has_failed(job_result(1, 1)));
  CHECK(pool::has_failed(job_result(1, 0, 1)));
}

TEST_CASE("up to a hundred failed jobs are counted by the exit status") {
  CHECK(pool::counted_exit_status(0) == 0);
  CHECK(pool::counted_exit_status(100) == 100);
  CHECK(pool::counted_exit_status(101) == 101);
  CHECK(pool::counted_exit_status(1'000'000'000'000) == 101);
}

TEST_CASE("a share of failed jobs is rounded up") {
  CHECK(pool::percent_exit_status(0, 0) == 0);
  CHECK(pool::percent_exit_status(0, 5) == 0);
  CHECK(pool::percent_exit_status(1, 3) == 34);
  CHECK(pool::percent_exit_status(1, 1'000'000) == 1);
  CHECK(pool::percent_exit_status(2, 8) == 25);
  CHECK(pool::percent_exit_status(8, 8) == 100);
  CHECK(pool::percent_exit_status(UINT64_MAX - 1, UINT64_MAX) == 100);
}
