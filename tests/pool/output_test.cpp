// Large outputs, slow readers, and the ways of grouping.

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "harness.hpp"
#include "support/files.hpp"

using namespace mtask;
using namespace mtask::test;

namespace {

std::string sequence(int first, int last) {
  std::string text;
  for (int i = first; i <= last; ++i) text += std::to_string(i) + "\n";
  return text;
}

// A process that reads a pipe into a file, slowly if told.
class Reader {
 public:
  explicit Reader(const std::string& path, bool slow = false) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) FAIL("pipe");
    pid_ = ::fork();
    if (pid_ == 0) {
      ::close(ends[1]);
      const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
      char buffer[65536];
      for (ssize_t count = 0; (count = ::read(ends[0], buffer, sizeof(buffer))) > 0;) {
        if (::write(file, buffer, static_cast<std::size_t>(count)) != count) ::_exit(1);
        if (slow) ::usleep(2000);
      }
      ::_exit(0);
    }
    ::close(ends[0]);
    fd_ = ends[1];
  }
  [[nodiscard]] int fd() const { return fd_; }
  void finish() {
    ::close(fd_);
    ::waitpid(pid_, nullptr, 0);
  }

 private:
  pid_t pid_;
  int fd_;
};

}  // namespace

TEST_CASE("large outputs come out whole and unmixed, to a file and to a pipe", "[pool]") {
  const bool to_pipe = GENERATE(true, false);
  const bool keep_order = GENERATE(true, false);
  const TempDir scratch;
  pool::Config config = with_slots(3);
  config.keep_order = keep_order;
  Reader reader(scratch / "read");
  if (to_pipe) config.out_fd = reader.fd();
  const auto jobs = shells({"seq 1 900000", "seq 1000000 1400000", "seq 2000000 2000010", "seq 3000000 3700000"});
  const PoolRun run = run_pool(config, jobs);
  reader.finish();
  const std::string out = to_pipe ? read_file(scratch / "read") : run.out;
  const std::vector<std::string> parts = {sequence(1, 900000), sequence(1000000, 1400000), sequence(2000000, 2000010),
                                          sequence(3000000, 3700000)};
  std::size_t size = 0;
  for (const std::string& part : parts) {
    // By its beginning: to look for all of it compares all of it at each place that begins alike.
    const std::size_t at = out.find(part.substr(0, 20));
    CHECK((at != std::string::npos && out.compare(at, part.size(), part) == 0));
    size += part.size();
  }
  CHECK(out.size() == size);
  if (keep_order) CHECK((out == parts[0] + parts[1] + parts[2] + parts[3]));
  CHECK(run.summary.bytes_out == size);
  CHECK(run.left.empty());
}

TEST_CASE("a slow reader gets all of it", "[pool]") {
  const TempDir scratch;
  pool::Config config = with_slots(2);
  Reader reader(scratch / "read", true);
  config.out_fd = reader.fd();
  ListedJobs jobs(
      40, [](std::uint64_t i) { return shell("seq " + std::to_string(i) + "00000 " + std::to_string(i) + "20000"); });
  const PoolRun run = run_pool(config, jobs);
  reader.finish();
  const std::string out = read_file(scratch / "read");
  CHECK(run.summary.succeeded == 40);
  CHECK(out.size() == run.summary.bytes_out);
  for (int i = 1; i <= 40; ++i) {
    const std::string part = sequence(i * 100000, i * 100000 + 20000);
    // find() compares at each beginning that looks right, which takes a minute under sanitizers.
    CHECK(::memmem(out.data(), out.size(), part.data(), part.size()) != nullptr);
  }
}

TEST_CASE("a job that has streamed is not run again when its worker is killed", "[pool]") {
  const TempDir scratch;
  const std::string file = scratch / "out";
  const Fd out = open_at(AT_FDCWD, file, O_WRONLY | O_CREAT);
  pool::Config config = with_slots(1);
  config.out_fd = out;
  const auto until_written = [&](std::size_t bytes) {
    return "until test $(stat -c %s " + file + ") -ge " + std::to_string(bytes) + "; do sleep 0.01; done; ";
  };
  const std::string once = sequence(1, 400000);
  const PoolRun run = run_pool(config, shells({"seq 1 400000; " + until_written(1) + "seq 1 400000; " +
                                                   until_written(2 * once.size()) + "kill -9 $PPID; sleep 9",
                                               "echo next"}));
  CHECK(run.summary.killed == 1);
  CHECK(run.summary.succeeded == 1);
  CHECK((read_file(file) == once + once + "next\n"));
  CHECK_THAT(run.events.text(), Catch::Contains("part of its output had been passed on"));
}

TEST_CASE("lines come as they are, whole, when grouped by line", "[pool]") {
  pool::Config config = with_slots(4);
  config.grouping = pool::Grouping::kLine;
  ListedJobs jobs(8, [](std::uint64_t i) {
    return shell("for k in 1 2 3 4 5 6 7 8 9; do printf " + std::to_string(i) +
                 "; sleep 0.01; printf 'a\\n'; done; seq " + std::to_string(i) + "0000 " + std::to_string(i) + "5000");
  });
  const PoolRun run = run_pool(config, jobs);
  std::multiset<std::string> lines;
  std::istringstream stream(run.out);
  for (std::string line; std::getline(stream, line);) lines.insert(line);
  for (int i = 1; i <= 8; ++i) {
    CHECK(lines.count(std::to_string(i) + "a") == 9);
    CHECK(lines.count(std::to_string(i) + "2345") == 1);
  }
  CHECK(lines.size() == 8 * (9 + 5001));
}

TEST_CASE("a line longer than any buffer is not broken by others", "[pool]") {
  pool::Config config = with_slots(3);
  config.grouping = pool::Grouping::kLine;
  config.command.tag = "t";
  auto jobs = shells({"head -c 3000000 /dev/zero | tr '\\0' x; echo", "head -c 3000000 /dev/zero | tr '\\0' y; echo"});
  jobs[0].tag = "1";
  jobs[1].tag = "2";
  const PoolRun run = run_pool(config, jobs);
  const std::string x = "1\t" + std::string(3000000, 'x') + "\n";
  const std::string y = "2\t" + std::string(3000000, 'y') + "\n";
  INFO(run.err << run.events.text());
  CHECK(run.out.size() == x.size() + y.size());
  CHECK((run.out == x + y || run.out == y + x));
}

TEST_CASE("kept order holds by line, too", "[pool]") {
  pool::Config config = with_slots(3);
  config.grouping = pool::Grouping::kLine;
  config.keep_order = true;
  const PoolRun run = run_pool(config, shells({"echo 1; sleep 0.3; echo 2", "echo 3; echo 4", "echo 5"}));
  CHECK(run.out == "1\n2\n3\n4\n5\n");
}

TEST_CASE("by line, a slow reader keeps no job from its time-out", "[pool]") {
  const TempDir scratch;
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  pool::Config config = with_slots(2);
  config.grouping = pool::Grouping::kLine;
  config.timeout.fixed = pool::Milliseconds(1000);
  config.out_fd = ends[1];
  // It reads only once the job has said something and is gone.
  const std::string mark = own_mark("987631");
  const pid_t reader = ::fork();
  if (reader == 0) {
    ::close(ends[1]);
    pollfd watched{ends[0], POLLIN, 0};
    if (::poll(&watched, 1, 10'000) != 1) ::_exit(1);
    if (!soon([&] { return processes_with(mark).empty(); })) ::_exit(2);
    char buffer[65536];
    while (::read(ends[0], buffer, sizeof(buffer)) > 0) continue;
    ::_exit(0);
  }
  ::close(ends[0]);
  const PoolRun run = run_pool(config, {command({"yes", mark})});
  ::close(ends[1]);
  int status = 0;
  ::waitpid(reader, &status, 0);
  CHECK(status == 0);
  CHECK(run.summary.timed_out == 1);
}

TEST_CASE("ungrouped jobs write to the outputs themselves", "[pool]") {
  pool::Config config = with_slots(2);
  config.grouping = pool::Grouping::kNone;
  const PoolRun run = run_pool(config, shells({"echo a", "echo b >&2", "no-such-command"}));
  CHECK(run.out == "a\n");
  CHECK_THAT(run.err, Catch::Contains("b\n"));
  CHECK(run.summary.failed == 1);
}

TEST_CASE("output is announced before it is written", "[pool]") {
  pool::Config config = with_slots(1);
  int announced = 0;
  config.before_output = [&] { ++announced; };
  static_cast<void>(run_pool(config, shells({"true"})));
  CHECK(announced == 0);
  static_cast<void>(run_pool(config, shells({"echo a"})));
  CHECK(announced == 1);
}

TEST_CASE("with files, names are printed and the outputs kept", "[pool]") {
  const TempDir scratch;
  pool::Config config = with_slots(1);
  config.files = true;
  config.tmpdir = scratch.path();
  const PoolRun run = run_pool(config, shells({"echo a; echo e >&2"}));
  const std::string name = run.out.substr(0, run.out.find('\n'));
  CHECK(read_file(name) == "a\n");
  CHECK(run.err == "e\n");
  CHECK(paths_below(scratch.path()).size() == 1);
}

TEST_CASE("with results, each output is in its place and nowhere else", "[pool]") {
  const TempDir scratch;
  pool::Config config = with_slots(1);
  config.results = scratch / "res";
  auto jobs = shells({"echo a; echo e >&2", "true"});
  jobs[0].values = {{"1", "x/y"}};
  jobs[1].values = {{"1", "z"}};
  const PoolRun run = run_pool(config, jobs);
  CHECK(run.out.empty());
  CHECK(run.err.empty());
  CHECK(read_file(scratch / "res/1/x\\_y/stdout") == "a\n");
  CHECK(read_file(scratch / "res/1/x\\_y/stderr") == "e\n");
  CHECK(read_file(scratch / "res/1/x\\_y/seq") == "1");
  CHECK(read_file(scratch / "res/1/z/stdout").empty());
}
