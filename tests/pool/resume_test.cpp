#include "pool/resume.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "joblog_support.hpp"
#include "pool/job.hpp"
#include "pool/joblog.hpp"
#include "support/files.hpp"
#include "support/temp_dir.hpp"

using namespace mtask;
using pool::Resume;
using pool::ResumeLog;
using pool::Verdict;
using test::job_result;

namespace {

const std::string kHeader(pool::kJoblogHeader);

std::string line(std::uint64_t seq, int exit_code, const std::string& command, std::uint64_t bytes_in = 0) {
  pool::JobResult result = job_result(seq, exit_code);
  result.bytes_in = bytes_in;
  return pool::joblog_line(result, command);
}

ResumeLog read(const std::filesystem::path& path, Resume mode) {
  auto log = ResumeLog::read(path, mode);
  INFO((log ? "" : log.error().message()));
  REQUIRE(log);
  return *std::move(log);
}

}  // namespace

TEST_CASE("resuming skips each job that the log has, in whatever order it has them") {
  const test::TempDir dir;
  test::write_file(dir / "log", kHeader + line(7, 0, "g") + line(2, 5, "b") + line(1, 0, "a"));
  const ResumeLog log = read(dir / "log", Resume::kResume);
  CHECK(log.done() == 3);
  CHECK(log.verdict(1, "a") == Verdict::kSkip);
  CHECK(log.verdict(2, "b") == Verdict::kSkip);
  CHECK(log.verdict(3, "c") == Verdict::kRun);
  CHECK(log.verdict(7, "g") == Verdict::kSkip);
  CHECK(log.verdict(8, "h") == Verdict::kRun);
  CHECK(log.verdict(0, "") == Verdict::kRun);
}

TEST_CASE("resuming failed jobs goes by the last record of each") {
  const test::TempDir dir;
  test::write_file(dir / "log", kHeader + line(1, 1, "a") + line(2, 0, "b") + line(3, 0, "c") + line(1, 0, "a") +
                                    line(2, 9, "b") + pool::joblog_line(job_result(4, 0, 15), "d"));
  const ResumeLog log = read(dir / "log", Resume::kResumeFailed);
  CHECK(log.verdict(1, "a") == Verdict::kSkip);
  CHECK(log.verdict(2, "b") == Verdict::kRun);
  CHECK(log.verdict(3, "c") == Verdict::kSkip);
  CHECK(log.verdict(4, "d") == Verdict::kRun);
  CHECK(log.done() == 2);
}

TEST_CASE("a job that timed out has failed") {
  const test::TempDir dir;
  pool::JobResult result = job_result(1);
  result.timed_out = true;
  test::write_file(dir / "log", kHeader + pool::joblog_line(result, "a"));
  CHECK(read(dir / "log", Resume::kResumeFailed).verdict(1, "a") == Verdict::kRun);
}

TEST_CASE("another command under a number that is done is noticed") {
  const test::TempDir dir;
  test::write_file(dir / "log", kHeader + line(1, 0, "a") + line(2, 1, "b") + line(4, 0, "x\ny"));
  const ResumeLog log = read(dir / "log", Resume::kResumeFailed);
  CHECK(log.verdict(1, "b") == Verdict::kChanged);
  CHECK(log.verdict(1, "") == Verdict::kChanged);
  CHECK(log.verdict(2, "c") == Verdict::kRun);  // it runs in any case
  CHECK(log.verdict(4, "x\ny") == Verdict::kSkip);
  CHECK(log.verdict(4, "x\nz") == Verdict::kChanged);
}

TEST_CASE("where the slot's number is part of the command, the number of the job decides") {
  const test::TempDir dir;
  test::write_file(dir / "log", kHeader + line(1, 0, "on 3 a"));
  const ResumeLog log = read(dir / "log", Resume::kResume);
  CHECK(log.verdict(1, std::string("on ") + pool::kSlotMark + " a") == Verdict::kSkip);
  CHECK(log.verdict(2, std::string("on ") + pool::kSlotMark + " a") == Verdict::kRun);
}

TEST_CASE("failed jobs are retried with the commands of the log, in order") {
  const test::TempDir dir;
  test::write_file(dir / "log", kHeader + line(9, 1, "i\ti") + line(2, 0, "b") + line(3, 2, "c\nc") + line(4, 1, "d") +
                                    line(4, 0, "d") + line(2, 7, "b"));
  const ResumeLog log = read(dir / "log", Resume::kRetryFailed);
  REQUIRE(log.failed().size() == 3);
  CHECK(log.failed()[0].seq == 2);
  CHECK(log.failed()[0].command == "b");
  CHECK(log.failed()[1].seq == 3);
  CHECK(log.failed()[1].command == "c\nc");
  CHECK(log.failed()[2].seq == 9);
  CHECK(log.failed()[2].command == "i\ti");
}

TEST_CASE("a job that failed on a block of --pipe cannot be retried from the log") {
  const test::TempDir dir;
  test::write_file(dir / "log", kHeader + line(1, 0, "a", 5) + line(2, 1, "b", 7) + line(2, 0, "b", 7));
  CHECK(read(dir / "log", Resume::kRetryFailed).failed().empty());
  test::write_file(dir / "log", kHeader + line(1, 0, "a", 5) + line(2, 1, "b", 7));
  const auto log = ResumeLog::read(dir / "log", Resume::kRetryFailed);
  REQUIRE_FALSE(log);
  CHECK(log.error().kind == ErrorKind::kUsage);
  CHECK(log.error().message().find("--resume-failed") != std::string::npos);
  CHECK(read(dir / "log", Resume::kResumeFailed).verdict(2, "b") == Verdict::kRun);
}

TEST_CASE("a log that isn't there, or is empty, has nothing done") {
  const test::TempDir dir;
  CHECK(read(dir / "none", Resume::kResume).done() == 0);
  CHECK_FALSE(ResumeLog::read(dir / "none", Resume::kRetryFailed));
  test::write_file(dir / "log", "");
  CHECK(read(dir / "log", Resume::kResume).done() == 0);
  test::write_file(dir / "log", kHeader);
  CHECK(read(dir / "log", Resume::kResumeFailed).done() == 0);
}

TEST_CASE("a torn last line counts as not there") {
  const test::TempDir dir;
  const std::string torn = line(2, 0, "b");
  test::write_file(dir / "log", kHeader + line(1, 0, "a") + torn.substr(0, torn.size() - 1));
  CHECK(read(dir / "log", Resume::kResume).verdict(2, "b") == Verdict::kRun);
  test::write_file(dir / "log", kHeader.substr(0, 5));
  CHECK(read(dir / "log", Resume::kResume).done() == 0);
}

TEST_CASE("a bad line is told by file and number") {
  const test::TempDir dir;
  const std::string good = line(1, 0, "a");
  for (const std::string bad :
       {"", "x", "0\t:\t1.0\t1.0\t0\t0\t0\t0\ta", "-1\t:\t1.0\t1.0\t0\t0\t0\t0\ta", "1\t:\t1.0\t1.0\t0\t0\t0\ta",
        "1\t:\tnow\t1.0\t0\t0\t0\t0\ta", "1\t:\t1.0\t1.0\t0\t0\tx\t0\ta", "1\t\t1.0\t1.0\t0\t0\t0\t0\ta",
        "9223372036854775808\t:\t1.0\t1.0\t0\t0\t0\t0\ta", "1 : 1.0 1.0 0 0 0 0 a"}) {
    test::write_file(dir / "lo'g", kHeader + good + bad + "\n" + good);
    const auto log = ResumeLog::read(dir / "lo'g", Resume::kResume);
    INFO("line: " << bad);
    REQUIRE_FALSE(log);
    CHECK(log.error().kind == ErrorKind::kUnavailable);
    CHECK(log.error().message().find("line 3 of the job log '") == 0);
    CHECK(log.error().message().find("lo\\'g") != std::string::npos);
  }
  test::write_file(dir / "log", kHeader + good + kHeader);  // two logs in one
  CHECK_FALSE(ResumeLog::read(dir / "log", Resume::kResume));
}

TEST_CASE("a log without a header loses no record") {
  const test::TempDir dir;
  test::write_file(dir / "log", line(1, 0, "a") + line(2, 0, "b"));
  CHECK(read(dir / "log", Resume::kResume).done() == 2);
}

TEST_CASE("lines across the blocks in which a log is read are whole") {
  const test::TempDir dir;
  constexpr std::size_t kMiB = 1U << 20;
  std::string text = kHeader;
  std::vector<std::string> commands;
  for (std::uint64_t seq = 1; seq <= 60; ++seq) {
    commands.push_back("echo " + std::to_string(seq));
    std::size_t longer = seq * 90;
    if (seq == 1) longer = kMiB - (text + line(seq, 1, commands.back())).size();  // ends where a block may end
    if (seq % 20 == 10) longer = 1'500'000;
    commands.back().append(longer, 'x');
    text += line(seq, seq % 2 == 0 ? 0 : 1, commands.back());
    if (seq == 1) CHECK(text.size() == kMiB);
  }
  test::write_file(dir / "log", text);
  const ResumeLog log = read(dir / "log", Resume::kResumeFailed);
  CHECK(log.done() == 30);
  bool right = true;
  for (std::uint64_t seq = 1; seq <= 60; ++seq) {
    right = right && log.verdict(seq, commands[seq - 1]) == (seq % 2 == 0 ? Verdict::kSkip : Verdict::kRun);
  }
  CHECK(right);
}

TEST_CASE("a log of parallel's is understood", "[parallel]") {
  const test::TempDir dir;
  test::write_file(dir / "log", test::parallels_log({"exit 0", "exit 3", "true a\ntrue b"}));
  const ResumeLog log = read(dir / "log", Resume::kResumeFailed);
  CHECK(log.verdict(1, "exit 0") == Verdict::kSkip);
  CHECK(log.verdict(1, "exit 7") == Verdict::kChanged);
  CHECK(log.verdict(2, "exit 3") == Verdict::kRun);
  CHECK(log.verdict(3, "true a\ntrue b") == Verdict::kSkip);
  const ResumeLog failed = read(dir / "log", Resume::kRetryFailed);
  REQUIRE(failed.failed().size() == 1);
  CHECK(failed.failed()[0].command == "exit 3");
}
