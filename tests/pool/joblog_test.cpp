#include "pool/joblog.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include "joblog_support.hpp"
#include "os/child.hpp"
#include "support/files.hpp"
#include "support/temp_dir.hpp"

using namespace mtask;
using pool::Joblog;
using pool::JobResult;
using test::job_result;
using Opening = Joblog::Opening;

namespace {

const std::string kHeader(pool::kJoblogHeader);

std::string read(const std::filesystem::path& path) { return test::read_file(path); }

std::string why_not(const std::filesystem::path& path, Opening how) {
  const auto log = Joblog::open(path, how);
  REQUIRE_FALSE(log);
  CHECK(log.error().kind == ErrorKind::kUnavailable);
  return log.error().message();
}

// Write calls of this process so far, of any kind; proc(5), io.
long long writes_made() {
  const std::string io = read("/proc/self/io");
  return std::stoll(io.substr(io.find("syscw: ") + 7));
}

std::vector<std::string> split(const std::string& text, char at, std::size_t most = std::string::npos) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (parts.size() + 1 < most) {
    const std::size_t end = text.find(at, begin);
    if (end == std::string::npos) break;
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  parts.push_back(text.substr(begin));
  return parts;
}

}  // namespace

TEST_CASE("a line of the job log has parallel's fields, padded as parallel pads them") {
  CHECK(pool::joblog_line(job_result(4), "echo 'a b'\t$x") ==
        "4\t:\t1360490623.067\t     3.445\t1023\t1222\t0\t0\techo 'a b'\t$x\n");
  JobResult result = job_result(18446744073709551615ULL, 3, 9);
  result.runtime = std::chrono::duration<double>(12345678.9);
  result.started = std::chrono::system_clock::time_point(std::chrono::microseconds(5'000'600));
  CHECK(pool::joblog_line(result, "") == "18446744073709551615\t:\t5.001\t12345678.900\t1023\t1222\t3\t9\t\n");
}

TEST_CASE("run times in the job log are cut, not rounded") {
  JobResult result = job_result(1);
  const auto shown = [&](double seconds) {
    result.runtime = std::chrono::duration<double>(seconds);
    return split(pool::joblog_line(result, "x"), '\t')[3];
  };
  CHECK(shown(0.0009) == "     0.000");
  CHECK(shown(1.2999) == "     1.299");
  CHECK(shown(1.001) == "     1.001");  // the nearest double is less
  CHECK(shown(-0.5) == "     0.000");   // a clock that was set back
}

TEST_CASE("newlines of a command are NULs in the job log") {
  const std::string line = pool::joblog_line(job_result(1), "a\nb\n");
  CHECK(line.substr(line.rfind('\t')) == std::string("\ta\0b\0\n", 6));
}

TEST_CASE("a job that timed out has -1 in the job log") {
  JobResult result = job_result(1, 0, 15);
  result.timed_out = true;
  CHECK(split(pool::joblog_line(result, "x"), '\t')[6] == "-1");
  CHECK(split(pool::joblog_line(result, "x"), '\t')[7] == "15");
}

TEST_CASE("parallel's own job log is written again byte by byte", "[parallel]") {
  const std::string logged =
      test::parallels_log({"echo hi", "exit 3", "kill -9 $$", "echo a\necho b", "printf '\\t\t\xe9'", "sleep 9"});
  INFO(logged);
  const std::vector<std::string> lines = split(logged, '\n');
  REQUIRE(lines.size() == 8);
  std::string ours = kHeader;
  for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
    const std::vector<std::string> fields = split(lines[i], '\t', 9);
    REQUIRE(fields.size() == 9);
    JobResult result;
    result.seq = std::stoull(fields[0]);
    std::string milliseconds = fields[2];
    milliseconds.erase(milliseconds.find('.'), 1);
    result.started = std::chrono::system_clock::time_point(std::chrono::milliseconds(std::stoll(milliseconds)));
    result.runtime = std::chrono::duration<double>(std::stod(fields[3]));
    result.bytes_in = std::stoull(fields[4]);
    result.bytes_out = std::stoull(fields[5]);
    result.timed_out = fields[6] == "-1";
    result.exit_code = result.timed_out ? 0 : std::stoi(fields[6]);
    result.signal = std::stoi(fields[7]);
    std::string text = fields[8];
    for (char& c : text) c = c == '\0' ? '\n' : c;
    ours += pool::joblog_line(result, text);
  }
  CHECK(ours == logged);
}

TEST_CASE("a fresh job log drops what was there, an appended one keeps it") {
  const test::TempDir dir;
  const std::string path = dir / "log";
  const std::string first = pool::joblog_line(job_result(1), "one");
  for (const Opening how : {Opening::kFresh, Opening::kFresh, Opening::kAppend}) {
    auto log = Joblog::open(path, how);
    REQUIRE(log);
    log->append(job_result(1), "one");
    REQUIRE(log->flush());
    CHECK(read(path) == kHeader + first + (how == Opening::kAppend ? first : ""));
  }
}

TEST_CASE("a job log that is appended to gets a header when it is new") {
  const test::TempDir dir;
  REQUIRE(Joblog::open(dir / "log", Opening::kAppend));
  CHECK(read(dir / "log") == kHeader);
  REQUIRE(Joblog::open(dir / "log", Opening::kAppend));
  CHECK(read(dir / "log") == kHeader);
}

TEST_CASE("a torn last line is cut off before records are added") {
  const test::TempDir dir;
  const std::string line = pool::joblog_line(job_result(1), "one");
  for (const std::string& torn : {line.substr(0, line.size() - 1), std::string("7"), std::string(200'000, 'x')}) {
    test::write_file(dir / "log", kHeader + line + torn);
    auto log = Joblog::open(dir / "log", Opening::kAppend);
    REQUIRE(log);
    CHECK(read(dir / "log") == kHeader + line);
  }
  test::write_file(dir / "log", kHeader.substr(0, 10));
  REQUIRE(Joblog::open(dir / "log", Opening::kAppend));
  CHECK(read(dir / "log") == kHeader);
}

TEST_CASE("a file that is no job log is not touched") {
  const test::TempDir dir;
  for (const std::string& text :
       {std::string("precious, and no newline"), std::string("1\t2\t3"), std::string("\0", 1)}) {
    test::write_file(dir / "a'b", text);
    CHECK(why_not(dir / "a'b", Opening::kAppend).find("a\\'b' is no job log") != std::string::npos);
    CHECK(read(dir / "a'b") == text);
  }
}

TEST_CASE("two runs do not write one job log") {
  const test::TempDir dir;
  auto first = Joblog::open(dir / "log", Opening::kFresh);
  REQUIRE(first);
  first->append(job_result(1), "one");
  REQUIRE(first->flush());
  const std::string before = read(dir / "log");
  for (const Opening how : {Opening::kFresh, Opening::kAppend}) {
    CHECK(why_not(dir / "log", how).find("another run is writing the job log '" + (dir / "log").string()) == 0);
  }
  CHECK(read(dir / "log") == before);
  REQUIRE(first->close());
  CHECK(Joblog::open(dir / "log", Opening::kAppend));
}

TEST_CASE("files that are shared by nature are not locked") {
  const auto first = Joblog::open("/dev/null", Opening::kFresh);
  const auto second = Joblog::open("/dev/null", Opening::kAppend);
  CHECK(first);
  CHECK(second);
}

TEST_CASE("a job log that can't be written is named") {
  const test::TempDir dir;
  CHECK(
      why_not(dir / "no/log", Opening::kFresh).find("cannot open the job log '" + (dir / "no/log").string() + "': ") ==
      0);
  CHECK(why_not(dir.path(), Opening::kAppend).find("Is a directory") != std::string::npos);
  CHECK(why_not("/dev/full", Opening::kFresh) == "cannot write the job log '/dev/full': No space left on device");
}

TEST_CASE("gathered records take one write, however long they are") {
  const test::TempDir dir;
  auto log = Joblog::open(dir / "log", Opening::kFresh);
  REQUIRE(log);
  for (const std::size_t records : {1U, 100U}) {
    for (std::size_t i = 0; i < records; ++i) log->append(job_result(i + 1), std::string(100'000, 'x'));
    CHECK(log->pending() > records * 100'000);
    const long long before = writes_made();
    const auto flushed = log->flush();
    const long long after = writes_made();
    REQUIRE(flushed);
    CHECK(after == before + 1);
    CHECK(log->pending() == 0);
  }
  const long long before = writes_made();
  const auto flushed = log->flush();
  CHECK(writes_made() == before);
  CHECK(flushed);
}

TEST_CASE("a record that fits only in part is cut off again and goes with the next flush") {
  const test::TempDir dir;
  const std::string path = dir / "log";
  auto child = os::Child::fork([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    auto log = Joblog::open(path, Opening::kFresh);
    if (!log) return 2;
    const std::string line = pool::joblog_line(job_result(1), "one");
    const auto limit = [](rlim_t bytes) {
      const rlimit most{bytes, RLIM_INFINITY};
      return ::setrlimit(RLIMIT_FSIZE, &most) == 0;
    };
    // Room for one record and a half of the next.
    if (!limit(kHeader.size() + line.size() * 3 / 2)) return 3;
    for (int i = 0; i < 3; ++i) log->append(job_result(1), "one");
    const auto told = log->flush();
    if (told || told.error().kind != ErrorKind::kUnavailable) return 4;
    if (told.error().message().find("cannot write the job log '" + path) != 0) return 5;
    if (read(path) != kHeader + line) return 6;
    if (log->flush() || read(path) != kHeader + line) return 7;
    if (!limit(RLIM_INFINITY)) return 8;
    if (!log->close() || read(path) != kHeader + line + line + line) return 9;
    return 0;
  });
  REQUIRE(child);
  CHECK(child->reap() == 0);
}
