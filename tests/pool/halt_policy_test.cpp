#include "pool/halt_policy.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "joblog_support.hpp"

using namespace mtask;
using pool::Halt;
using pool::HaltPolicy;
using test::job_result;
using Of = Halt::Of;
using When = Halt::When;

namespace {

void check(const std::string& text, When when, Of of, std::uint64_t count, double percent) {
  INFO("text: " << text);
  const auto halt = pool::parse_halt(text);
  REQUIRE(halt);
  CHECK(halt->when == when);
  if (when == When::kNever) return;
  CHECK(halt->of == of);
  CHECK(halt->count == count);
  CHECK(halt->percent == percent);
}

struct Ran {
  std::size_t ended = 0;  // jobs until the halt, or all
  int exit_status = 0;
};

// Jobs that end one after the other with these exit codes, as with -j1.
Ran ran(const std::string& halt, const std::vector<int>& codes) {
  HaltPolicy policy(pool::parse_halt(halt).value());
  Ran result;
  for (const int code : codes) {
    ++result.ended;
    if (policy.ended(job_result(result.ended, code), codes.size()) != When::kNever) break;
  }
  result.exit_status = policy.exit_status();
  return result;
}

}  // namespace

TEST_CASE("a halt is when, of what and how many") {
  check("now,fail=1", When::kNow, Of::kFail, 1, 0);
  check("soon,fail=3", When::kSoon, Of::kFail, 3, 0);
  check("now,success=20", When::kNow, Of::kSuccess, 20, 0);
  check("soon,done=18446744073709551615", When::kSoon, Of::kDone, UINT64_MAX, 0);
  check("soon,fail=3%", When::kSoon, Of::kFail, 0, 3);
  check("now,success=0.5%", When::kNow, Of::kSuccess, 0, 0.5);
  check("now,done=100%", When::kNow, Of::kDone, 0, 100);
  check("never", When::kNever, Of::kFail, 0, 0);
}

TEST_CASE("parallel's older forms of a halt stay") {
  check("0", When::kNever, Of::kFail, 0, 0);
  check("1", When::kSoon, Of::kFail, 1, 0);
  check("2", When::kNow, Of::kFail, 1, 0);
  check("-1", When::kSoon, Of::kSuccess, 1, 0);
  check("-2", When::kNow, Of::kSuccess, 1, 0);
  check("1%", When::kSoon, Of::kFail, 0, 1);
  check("99%", When::kSoon, Of::kFail, 0, 99);
}

TEST_CASE("what is no halt is refused with what is accepted") {
  for (const char* text : {"",
                           "3",
                           "-3",
                           "+1",
                           "now",
                           "soon,",
                           "now,fail",
                           "now,fail=",
                           "now,fail=0",
                           "now,fail=x",
                           "now,fail=1.5",
                           "now,fail=-1",
                           "now,fail=0%",
                           "now,fail=101%",
                           "now,fail=nan%",
                           "now,fail=inf%",
                           "now,fail=1e1%",
                           "0%",
                           "101%",
                           "%",
                           "now,fail=%",
                           "now=fail,1",
                           "now,fail,1",
                           "never,fail=1",
                           "later,fail=1",
                           "now,fails=1",
                           " now,fail=1",
                           "now,fail=1 ",
                           "now,fail=18446744073709551616",
                           "1\n"}) {
    INFO("text: " << text);
    const auto halt = pool::parse_halt(text);
    REQUIRE_FALSE(halt);
    CHECK(halt.error().kind == ErrorKind::kUsage);
    for (const char* form : {"now,fail=1", "soon", "success", "done", "never", "-1"}) {
      CHECK(halt.error().message().find(form) != std::string::npos);
    }
  }
}

TEST_CASE("one failure halts the run with the value of that job") {
  CHECK(ran("soon,fail=1", {0, 7, 9}).ended == 2);
  CHECK(ran("soon,fail=1", {0, 7, 9}).exit_status == 7);
  CHECK(ran("now,done=1", {7, 9}).exit_status == 7);
  HaltPolicy policy(pool::parse_halt("now,fail=1").value());
  CHECK(policy.ended(job_result(1, 0, 9), 5) == When::kNow);
  CHECK(policy.exit_status() == 137);
}

TEST_CASE("jobs that end after the halt change neither the answer nor the value") {
  HaltPolicy policy(pool::parse_halt("soon,fail=1").value());
  CHECK(policy.ended(job_result(1, 3), 9) == When::kSoon);
  CHECK(policy.ended(job_result(2, 5), 9) == When::kSoon);
  CHECK(policy.ended(job_result(3, 0), 9) == When::kSoon);
  CHECK(policy.exit_status() == 3);
}

TEST_CASE("a share is judged once three jobs are done, and only of a known number") {
  HaltPolicy policy(pool::parse_halt("now,fail=20%").value());
  CHECK(policy.ended(job_result(1, 1), 5) == When::kNever);
  CHECK(policy.ended(job_result(2, 1), 5) == When::kNever);
  CHECK(policy.ended(job_result(3, 0), 5) == When::kNow);  // the two before count, though this one succeeded
  CHECK(policy.exit_status() == 40);
  HaltPolicy blind(pool::parse_halt("now,fail=20%").value());
  for (std::uint64_t seq = 1; seq < 10; ++seq) CHECK(blind.ended(job_result(seq, 1), std::nullopt) == When::kNever);
  CHECK(blind.ended(job_result(10, 0), 20) == When::kNow);
}

TEST_CASE("without a halt the failed jobs are counted") {
  CHECK(ran("never", {0, 0}).exit_status == 0);
  CHECK(ran("never", {3, 0, 4}).exit_status == 2);
  CHECK(ran("never", std::vector<int>(101, 1)).exit_status == 101);
  CHECK(HaltPolicy(Halt{}).exit_status() == 0);
}

TEST_CASE("exit values are those of parallel", "[parallel]") {
  struct Case {
    std::string halt;
    std::vector<int> codes;
  };
  // Shares are reached after the third job, where parallel and this agree.
  const std::vector<Case> cases = {
      {"soon,fail=1", {7, 1}},
      {"soon,fail=1", {0, 0}},
      {"soon,fail=2", {7, 9, 1}},
      {"soon,fail=5", {7, 9, 1}},
      {"soon,success=1", {7, 9, 0, 0}},
      {"soon,success=1", {7, 9}},
      {"soon,success=3", {7, 0, 0}},
      {"soon,done=1", {7, 9}},
      {"soon,done=1", {0, 9}},
      {"soon,done=2", {0, 9, 1}},
      {"soon,done=3", {5, 9, 1, 1}},
      {"soon,fail=50%", {0, 0, 9, 1}},
      {"soon,fail=90%", {9, 8, 0, 0}},
      {"soon,success=75%", {9, 0, 0, 0}},
      {"soon,success=90%", {9, 8, 0, 0}},
      {"soon,done=50%", {9, 8, 1, 0, 0, 0}},
      {"2", {0, 9, 8}},
      {"-1", {9, 0, 0}},
      {"never", {1, 2, 3}},
  };
  for (const Case& each : cases) {
    std::string line = "@ -j1 --halt " + each.halt + " exit :::";
    for (const int code : each.codes) line += " " + std::to_string(code);
    INFO(line);
    CHECK(ran(each.halt, each.codes).exit_status == test::recorded("pool", "halts", {line, ""}).code);
  }
}
