#include "pool/jobs_number.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "os/cpus.hpp"
#include "support/files.hpp"
#include "support/temp_dir.hpp"

using namespace mtask;
using pool::kMostSlots;

namespace {

unsigned slots(const std::string& text, unsigned cpus) {
  const auto form = pool::parse_jobs_form(text);
  INFO("text: " << text);
  REQUIRE(form);
  return form->slots(cpus);
}

}  // namespace

TEST_CASE("a number of jobs is a count, a share of the CPUs, or more or fewer than those") {
  CHECK(slots("4", 8) == 4);
  CHECK(slots("50%", 8) == 4);
  CHECK(slots("50%", 3) == 2);  // rounded up, as parallel does
  CHECK(slots("10.5%", 100) == 11);
  CHECK(slots("200%", 8) == 16);
  CHECK(slots("+2", 8) == 10);
  CHECK(slots("-2", 8) == 6);
  CHECK(slots("+0", 8) == 8);
}

TEST_CASE("0 jobs are as many as CPUs may be used") {
  CHECK(slots("0", 8) == 8);
  CHECK(pool::parse_jobs("0")->evaluate().value() == os::usable_cpus());
}

TEST_CASE("the number of jobs stays within its bounds") {
  CHECK(slots("-8", 8) == 1);
  CHECK(slots("-100", 8) == 1);
  CHECK(slots("0%", 8) == 1);
  CHECK(slots("1025", 8) == kMostSlots);
  CHECK(slots("99999999999999999999999999", 8) == kMostSlots);
  CHECK(slots("+5000", 8) == kMostSlots);
  CHECK(slots("1000000%", 8) == kMostSlots);
}

TEST_CASE("what is neither a number of jobs nor a file is refused with what is accepted") {
  const test::TempDir dir;
  for (const std::string& text :
       {std::string(), std::string("x"), std::string("1e3"), std::string("0.5"), std::string("+"), std::string("--1"),
        std::string("+1%"), std::string("%"), std::string("4 "), std::string("+1.5"), std::string("nan%"),
        dir.path().string(), (dir / "no").string()}) {
    const auto jobs = pool::parse_jobs(text);
    INFO("text: " << text);
    REQUIRE_FALSE(jobs);
    CHECK(jobs.error().kind == ErrorKind::kUsage);
    for (const char* form : {"50%", "+1", "-1", " 0 ", "file"}) {
      CHECK(jobs.error().message().find(form) != std::string::npos);
    }
  }
}

TEST_CASE("a file with the number of jobs is read again each time") {
  const test::TempDir dir;
  test::write_file(dir / "jobs", "3\n");
  auto jobs = pool::parse_jobs((dir / "jobs").string());
  REQUIRE(jobs);
  CHECK(jobs->is_file());
  CHECK(jobs->evaluate().value() == 3);
  test::write_file(dir / "jobs", " 5 \r\n\n");
  CHECK(jobs->evaluate().value() == 5);
  test::write_file(dir / "jobs", "100%");
  CHECK(jobs->evaluate().value() == os::usable_cpus());
}

TEST_CASE("a wrong file is told once, and the last good number stands") {
  const test::TempDir dir;
  test::write_file(dir / "jobs", "3");
  auto jobs = pool::parse_jobs((dir / "jobs").string());
  REQUIRE(jobs);
  CHECK_FALSE(jobs->last());
  REQUIRE(jobs->evaluate());
  test::write_file(dir / "jobs", "many");
  const auto told = jobs->evaluate();
  REQUIRE_FALSE(told);
  CHECK(told.error().message().find("jobs' holds no number of jobs") != std::string::npos);
  CHECK(told.error().message().find("'many'") != std::string::npos);
  CHECK(jobs->last() == 3U);
  CHECK(jobs->evaluate().value() == 3);
  std::filesystem::remove(dir / "jobs");
  CHECK(jobs->evaluate().value() == 3);
  test::write_file(dir / "jobs", "4");
  CHECK(jobs->evaluate().value() == 4);
  std::filesystem::remove(dir / "jobs");
  CHECK_FALSE(jobs->evaluate());  // it was right in between
}

TEST_CASE("a file that never was right has no number to fall back on") {
  const test::TempDir dir;
  test::write_file(dir / "jobs", "");
  auto jobs = pool::parse_jobs((dir / "jobs").string());
  REQUIRE(jobs);
  CHECK_FALSE(jobs->evaluate());
  CHECK_FALSE(jobs->evaluate());
}

TEST_CASE("a FIFO in place of the file with the number of jobs holds nobody up") {
  const test::TempDir dir;
  REQUIRE(::mkfifo((dir / "jobs").c_str(), 0600) == 0);
  auto jobs = pool::parse_jobs((dir / "jobs").string());
  REQUIRE(jobs);
  CHECK_FALSE(jobs->evaluate());
}
