#include "pool/retry_policy.hpp"

#include <catch2/catch.hpp>

#include "joblog_support.hpp"

using namespace mtask;
using namespace std::chrono_literals;
using pool::JobResult;
using pool::RetryPolicy;

namespace {

JobResult failed(std::uint32_t runs) {
  JobResult result = test::job_result(1, 1);
  result.runs = runs;
  return result;
}

}  // namespace

TEST_CASE("a failed job runs until its tries are used up") {
  const RetryPolicy policy(3, 0ms);
  CHECK(policy.again(failed(1)));
  CHECK(policy.again(failed(2)));
  CHECK_FALSE(policy.again(failed(3)));
  CHECK_FALSE(RetryPolicy(1, 0ms).again(failed(1)));
}

TEST_CASE("no tries means no limit") { CHECK(RetryPolicy(0, 0ms).again(failed(UINT32_MAX))); }

TEST_CASE("only a failed job runs again") {
  const RetryPolicy policy(3, 0ms);
  CHECK_FALSE(policy.again(test::job_result(1, 0)));
  CHECK(policy.again(test::job_result(1, 0, 9)));
  JobResult result = test::job_result(1);
  result.timed_out = true;
  CHECK(policy.again(result));
}

TEST_CASE("pauses before a run double up to the cap") {
  const RetryPolicy policy(0, 100ms, 1s);
  CHECK(policy.again(failed(1)) == 100ms);
  CHECK(policy.again(failed(2)) == 200ms);
  CHECK(policy.again(failed(4)) == 800ms);
  CHECK(policy.again(failed(5)) == 1s);
  CHECK(policy.again(failed(UINT32_MAX)) == 1s);
  CHECK(RetryPolicy(0, 0ms).again(failed(UINT32_MAX)) == 0ms);
  CHECK(RetryPolicy(0, 1ms).again(failed(1000)) == pool::kLongestBackoff);
}

TEST_CASE("a first pause longer than the cap stays as it is") {
  const RetryPolicy policy(0, 10s, 1s);
  CHECK(policy.again(failed(1)) == 10s);
  CHECK(policy.again(failed(5)) == 10s);
}
