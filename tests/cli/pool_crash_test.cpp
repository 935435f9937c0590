// Workers killed, and whole runs killed and resumed: no job is lost, none that was recorded is run again.
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <iterator>
#include <map>
#include <sstream>

#include "support/files.hpp"
#include "support/places.hpp"
#include "support/pool_command.hpp"
#include "support/processes.hpp"
#include "support/sanitizer.hpp"
#include "support/temp_dir.hpp"

namespace {

using namespace mtask::test;
namespace fs = std::filesystem;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr unsigned kRuns = 15;
#else
constexpr unsigned kRuns = 100;
#endif
constexpr unsigned kJobs = 16;

std::string numbers() {
  std::string text;
  for (unsigned i = 1; i <= kJobs; ++i) text += std::to_string(i) + "\n";
  return text;
}

// Each job counts for a while, of its own length, and appends a line to a file of its own.
Command working(const TempDir& scratch, std::vector<std::string> options) {
  options.insert(options.end(), {"-j4", "-q", "--joblog", (scratch / "log").string(), "sh", "-c",
                                 "i=$(($1 * 7 % 16 * 60)); while test $i -gt 0; do i=$((i - 1)); done; echo $1 >>" +
                                     scratch.path().string() + "/$1.done",
                                 "-"});
  Command command = pool_command(options, numbers());
  add_asan_option(command, "detect_leaks=0");  // the search for leaks would be one more child
  return command;
}

// How often each job's effect is there.
std::map<std::string, std::size_t> effects(const TempDir& scratch) {
  std::map<std::string, std::size_t> counts;
  for (const std::string& name : paths_below(scratch.path())) {
    if (name.ends_with(".done")) counts[name.substr(0, name.find('.'))] = count_lines(read_file(scratch / name));
  }
  return counts;
}

// Waits until `count` jobs have had their effect, and a little longer, by another time in each `run`; false when all is
// over before.
bool goes_on_until(Background& command, const TempDir& scratch, std::size_t count, unsigned run) {
  while (effects(scratch).size() < count) {
    if (command.ended_within(std::chrono::microseconds(200))) return false;
  }
  return !command.ended_within(std::chrono::microseconds(run * 37 % 2000));
}

// The sequence numbers of the log's whole lines.
std::vector<std::string> logged(const TempDir& scratch) {
  std::vector<std::string> seqs;
  if (!entry_exists(scratch / "log")) return seqs;
  std::istringstream log(read_file(scratch / "log"));
  for (std::string line; std::getline(log, line) && !log.eof();) {
    if (!line.starts_with("Seq")) seqs.push_back(line.substr(0, line.find('\t')));
  }
  return seqs;
}

std::vector<pid_t> children(pid_t parent) {
  const std::string pid = std::to_string(parent);
  std::istringstream list(read_file("/proc/" + pid + "/task/" + pid + "/children"));
  return {std::istream_iterator<pid_t>(list), {}};
}

void check_complete(const TempDir& scratch) {
  CHECK(effects(scratch).size() == kJobs);
  std::vector<std::string> seqs = logged(scratch);
  CHECK(seqs.size() == kJobs);
  std::sort(seqs.begin(), seqs.end());
  CHECK(std::adjacent_find(seqs.begin(), seqs.end()) == seqs.end());
}

// What the log has is there, and stays as it is.
class Completed {
 public:
  explicit Completed(const TempDir& scratch) : scratch_(scratch) {}
  // The log is read before the effects: those of a job it has don't change any more.
  void look() {
    const std::vector<std::string> seqs = logged(scratch_);
    const auto now = effects(scratch_);
    for (const std::string& seq : seqs) counts_.emplace(seq, now.count(seq) == 0 ? 0 : now.at(seq));
  }
  void check() const {
    const auto now = effects(scratch_);
    for (const auto& [seq, count] : counts_) {
      CHECK(count > 0);
      CHECK(now.at(seq) == count);
    }
  }
  [[nodiscard]] std::size_t size() const { return counts_.size(); }

 private:
  const TempDir& scratch_;
  std::map<std::string, std::size_t> counts_;
};

// Children that are the same program; a job about to be executed is a grandchild.
std::vector<pid_t> workers_of(const Background& command) {
  std::vector<pid_t> workers;
  for (const pid_t pid : children(command.pid())) {
    std::error_code gone;
    if (fs::read_symlink("/proc/" + std::to_string(pid) + "/exe", gone) == fs::canonical(mtask_binary()))
      workers.push_back(pid);
  }
  return workers;
}

bool kill_process(pid_t pid) {
  const int process = open_process(pid);
  if (process == -1) return false;
  const bool killed = ::syscall(SYS_pidfd_send_signal, process, SIGKILL, nullptr, 0) == 0;
  ::close(process);
  return killed;
}

TEST_CASE("a worker killed at any moment costs no job") {
  constexpr unsigned kKills = 3;
  unsigned killed = 0;
  std::size_t completed_before = 0;
  for (unsigned run = 0; run < kRuns; ++run) {
    const TempDir scratch(fast_temp_root());
    Background command(working(scratch, {"--crash-limit", "20"}));
    Completed completed(scratch);
    for (unsigned kill = 0; kill < kKills; ++kill) {
      const std::size_t through = (kJobs - 1) * (kill * kRuns + run) / (kKills * kRuns);
      if (!goes_on_until(command, scratch, through, run)) break;
      completed.look();
      const std::vector<pid_t> workers = workers_of(command);
      if (!workers.empty()) killed += kill_process(workers[(run + kill) % workers.size()]);
    }
    const Outcome outcome = command.wait();
    INFO(outcome.text());
    CHECK(outcome.code() == 0);
    check_complete(scratch);
    completed.check();
    completed_before += completed.size();
  }
  CHECK(killed > kRuns);
  CHECK(completed_before > 0);
}

TEST_CASE("a run killed at any moment goes on with --resume, and repeats nothing that was recorded") {
  unsigned resumed = 0;
  for (unsigned run = 0; run < kRuns; ++run) {
    const TempDir scratch(fast_temp_root());
    {
      Background command(working(scratch, {}));
      if (goes_on_until(command, scratch, (kJobs - 1) * run / kRuns, run)) command.kill_all();
    }
    Completed completed(scratch);
    completed.look();
    Background again(working(scratch, {"--resume"}));
    const Outcome outcome = again.wait();
    INFO(outcome.text());
    CHECK(outcome.code() == 0);
    check_complete(scratch);
    completed.check();
    resumed += completed.size() > 0 && completed.size() < kJobs;
  }
  CHECK(resumed > 0);
}

TEST_CASE("jobs die with a killed mtask, their descendants too") {
  const TempDir scratch(fast_temp_root());
  const std::string mark = own_mark("987654");
  Background command(pool_command({"-j2", "sh", "-c", "setsid sleep " + mark + " & sleep " + mark, "-"}, "1\n2\n"));
  while (sleepers(mark).size() < 4) {
    REQUIRE_FALSE(command.ended_within(std::chrono::milliseconds(10)));
  }
  ::kill(command.pid(), SIGKILL);
  CHECK(none_left_with(mark, std::chrono::seconds(5)));
}

TEST_CASE("a list that changed meanwhile is noticed") {
  const TempDir scratch(fast_temp_root());
  const std::string log = (scratch / "log").string();
  REQUIRE(pool({"--joblog", log, "echo", ":::", "a", "b"}).code() == 0);
  const Outcome outcome = pool({"-k", "--joblog", log, "--resume", "echo", ":::", "x", "b", "c"});
  INFO(outcome.text());
  CHECK(outcome.code() == 0);
  CHECK(outcome.out == "x\nc\n");
  CHECK_THAT(outcome.err, Catch::Contains("another command"));
}

TEST_CASE("a torn last line of the log is dropped, and its job is run again") {
  const TempDir scratch(fast_temp_root());
  const std::string log = (scratch / "log").string();
  REQUIRE(pool({"-j1", "--joblog", log, "echo", ":::", "a", "b"}).code() == 0);
  const std::string whole = read_file(log);
  write_file(log, whole.substr(0, whole.size() - 4));
  const Outcome outcome = pool({"-j1", "--joblog", log, "--resume", "echo", ":::", "a", "b"});
  CHECK(outcome.code() == 0);
  CHECK(outcome.out == "b\n");
  CHECK(count_lines(read_file(log)) == 3);
}

}  // namespace
