// What every run of jobs does: each is executed once, its output comes out whole and in order, its end is told.

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "harness.hpp"
#include "support/command.hpp"
#include "support/files.hpp"

using namespace mtask;
using namespace mtask::test;

namespace {

std::string numbers(int last) {
  std::string text;
  for (int i = 1; i <= last; ++i) text += std::to_string(i) + "\n";
  return text;
}

}  // namespace

TEST_CASE("every job runs once and all its output comes out", "[pool]") {
  ListedJobs jobs(300, [](std::uint64_t i) { return command({"echo", std::to_string(i)}); });
  const PoolRun run = run_pool(with_slots(3), jobs);
  std::multiset<std::string> lines;
  std::string line;
  for (const char c : run.out) {
    if (c == '\n')
      lines.insert(std::exchange(line, {}));
    else
      line += c;
  }
  CHECK(lines.size() == 300);
  CHECK(std::set<std::string>(lines.begin(), lines.end()).size() == 300);
  CHECK(run.summary.jobs == 300);
  CHECK(run.summary.succeeded == 300);
  CHECK(run.summary.failed == 0);
  CHECK(run.summary.exit_status == 0);
  CHECK(run.summary.bytes_out == run.out.size());
  CHECK(run.left.empty());
  CHECK(run.events.of(Event::Kind::kStarted).size() == 300);
  CHECK(run.events.of(Event::Kind::kFinished).size() == 300);
}

TEST_CASE("kept order is the order of the inputs, however long a job takes", "[pool]") {
  pool::Config config = with_slots(4);
  config.keep_order = true;
  ListedJobs jobs(
      60, [](std::uint64_t i) { return shell((i % 7 == 1 ? "sleep 0.1; echo " : "echo ") + std::to_string(i)); });
  CHECK(run_pool(config, jobs).out == numbers(60));
}

TEST_CASE("kept order holds what is larger than memory for its turn", "[pool]") {
  const TempDir scratch;
  const std::string last = scratch / "last";
  pool::Config config = with_slots(3);
  config.keep_order = true;
  ListedJobs jobs(150, [&](std::uint64_t i) {
    if (i == 1) return shell("until test -e " + last + "; do sleep 0.05; done; echo first");
    if (i == 150) return shell("printf '%36000s\\n' y; : >" + last);
    if (i == 2) return shell("head -c 300000 /dev/zero | tr '\\0' x; echo");
    return command({"/usr/bin/printf", "%36000s\\n", "y"});
  });
  const PoolRun run = run_pool(config, jobs);
  std::string expected = "first\n" + std::string(300000, 'x') + "\n";
  for (int i = 3; i <= 150; ++i) expected += std::string(35999, ' ') + "y\n";
  CHECK(run.out.size() == expected.size());
  CHECK((run.out == expected));
  CHECK(run.left.empty());
}

TEST_CASE("stdout and stderr stay apart, each byte as it was", "[pool]") {
  const std::string bytes = "printf 'a\\000b\\377'; printf 'no newline' >&2";
  const PoolRun run = run_pool(with_slots(1), shells({bytes}));
  CHECK(run.out == std::string("a\0b\377", 4));
  CHECK(run.err == "no newline");
}

TEST_CASE("exit codes and signals are told as they were", "[pool]") {
  const PoolRun run = run_pool(with_slots(1), shells({"exit 3", "kill -9 $$", "true"}));
  CHECK(run.summary.failed == 2);
  CHECK(run.summary.succeeded == 1);
  CHECK(run.summary.exit_status == 2);
  const auto failed = run.events.of(Event::Kind::kFailed);
  REQUIRE(failed.size() == 2);
  CHECK(failed[0].detail == "exit 3");
  CHECK(failed[0].item == 1);
  CHECK(failed[1].detail == "killed by signal 9");
}

TEST_CASE("a command that can't be executed fails with 127 or 126 and says so once", "[pool]") {
  const PoolRun run = run_pool(
      with_slots(1), {command({"no-such-command-anywhere"}), command({"/etc/passwd"}), command({"/no/such/file"})});
  const auto failed = run.events.of(Event::Kind::kFailed);
  REQUIRE(failed.size() == 3);
  CHECK_THAT(failed[0].detail, Catch::StartsWith("exit 127"));
  CHECK_THAT(failed[1].detail, Catch::StartsWith("exit 126"));
  CHECK_THAT(failed[2].detail, Catch::StartsWith("exit 127"));
  CHECK(run.err ==
        "mtask: cannot run 'no-such-command-anywhere': command not found\n"
        "mtask: cannot run '/etc/passwd': Permission denied\n"
        "mtask: cannot run '/no/such/file': No such file or directory\n");
}

TEST_CASE("a command line longer than the system takes fails alone", "[pool]") {
  const PoolRun run =
      run_pool(with_slots(1), {command({"echo", std::string(200'000, 'x')}),
                               command({"echo", std::string(3'000'000, 'x')}), command({"echo", "fine"})});
  CHECK(run.summary.failed == 2);
  CHECK(run.out == "fine\n");
  CHECK_THAT(run.err, Catch::Contains("Argument list too long"));
}

TEST_CASE("a job knows its number and its slot", "[pool]") {
  pool::Config config = with_slots(1);
  config.environment = {{"MINE", "yes"}};
  pool::JobSpec job = shell("");
  job.argv = {"/bin/sh", "-c", "echo $PARALLEL_SEQ $MTASK_SEQ $PARALLEL_JOBSLOT $MINE $0",
              std::string("s") + pool::kSlotMark};
  const PoolRun run = run_pool(config, {job, job});
  CHECK(run.out == "1 1 1 yes s1\n2 2 1 yes s1\n");
}

TEST_CASE("a job runs in its work directory, with no input", "[pool]") {
  pool::JobSpec job = shell("pwd; cat; readlink /proc/self/fd/0");
  job.workdir = "/usr";
  pool::JobSpec lost = shell("pwd");
  lost.workdir = "/no/such/dir";
  const PoolRun run = run_pool(with_slots(1), {job, lost});
  CHECK(run.out == "/usr\n/dev/null\n");
  CHECK(run.err == "mtask: cannot enter '/no/such/dir': No such file or directory\n");
}

TEST_CASE("jobs have default signals and none blocked", "[pool]") {
  const PoolRun run = run_pool(with_slots(1), shells({"grep -E 'Sig(Blk|Ign)' /proc/self/status"}));
  CHECK(run.out == "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

TEST_CASE("jobs inherit no descriptor of ours", "[pool]") {
  const std::vector<std::string> list = {"ls", "/proc/self/fd"};
  Command plain;
  plain.argv = list;
  CHECK(run_pool(with_slots(2), {command(list)}).out == run(plain).out);
}

TEST_CASE("a dry run prints the command lines and runs nothing", "[pool]") {
  pool::Config config = with_slots(2);
  config.dry_run = true;
  const PoolRun run = run_pool(config, shells({"exit 1", "exit 2"}));
  CHECK(run.out == "exit 1\nexit 2\n");
  CHECK(run.summary.succeeded == 2);
}

TEST_CASE("who says no to a job skips it", "[pool]") {
  pool::Config config = with_slots(1);
  config.confirm = [](const std::string& shown, const StopToken&) { return shown != "echo b"; };
  const PoolRun run = run_pool(config, shells({"echo a", "echo b", "echo c"}));
  CHECK(run.out == "a\nc\n");
  CHECK(run.summary.jobs == 2);
  CHECK(run.summary.skipped == 1);
}

TEST_CASE("a tag goes before each line", "[pool]") {
  pool::Config config = with_slots(1);
  config.command.tag = "x";
  pool::JobSpec job = shell("printf 'a\\nb\\n'; seq 30000 | tail -n 20000 >&2");
  job.tag = "t";
  const PoolRun run = run_pool(config, {job});
  CHECK(run.out == "t\ta\nt\tb\n");
  std::string expected;
  for (int i = 10001; i <= 30000; ++i) expected += "t\t" + std::to_string(i) + "\n";
  CHECK((run.err == expected));
}

TEST_CASE("a failed job is tried again, and only its last output counts", "[pool]") {
  const TempDir scratch;
  pool::Config config = with_slots(1);
  config.tries = 3;
  config.backoff = pool::Milliseconds(1);
  const std::string file = scratch / "count";
  const PoolRun run = run_pool(
      config, shells({"echo x >>" + file + "; wc -l <" + file + "; test $(wc -l <" + file + ") = 3", "false"}));
  CHECK(run.out == "3\n");
  CHECK(run.summary.succeeded == 1);
  CHECK(run.summary.failed == 1);
  CHECK(run.summary.retried == 4);
}

TEST_CASE("a job whose output can't be kept fails, and the run goes on", "[pool]") {
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = 200'000;
  ::setrlimit(RLIMIT_FSIZE, &small);
  pool::Config config = with_slots(1);
  const Fd null = open_at(AT_FDCWD, "/dev/null", O_WRONLY);
  config.out_fd = null;
  const PoolRun run = run_pool(config, shells({"seq 100000; sleep 20", "echo fine >&2"}));
  ::setrlimit(RLIMIT_FSIZE, &before);
  CHECK(run.summary.failed == 1);
  CHECK(run.summary.succeeded == 1);
  CHECK(run.err == "mtask: its output could not be kept: File too large\nfine\n");
  CHECK(run.left.empty());
}
