// How jobs and runs end: nothing of them stays.
#include <poll.h>
#include <signal.h>

#include <catch2/catch.hpp>

#include "support/files.hpp"
#include "support/places.hpp"
#include "support/pool_command.hpp"
#include "support/processes.hpp"
#include "support/temp_dir.hpp"

namespace {

using namespace mtask::test;

// A job whose descendants hide in sessions of their own and ignore TERM; each carries `mark`.
std::string stubborn(const std::string& mark) {
  return "trap '' TERM; setsid sh -c \"trap '' TERM; sleep " + mark + "; sleep " + mark +
         "\" & sh -c \"trap '' TERM; sleep " + mark + "\" & sleep " + mark + "; sleep " + mark;
}

// Whether a process has taken all signals sent to it, and waits again.
bool has_taken_signals(pid_t pid) {
  const std::string status = read_file("/proc/" + std::to_string(pid) + "/status");
  const std::string none(16, '0');
  return status.find("\nState:\tS") != std::string::npos && status.find("\nSigPnd:\t" + none) != std::string::npos &&
         status.find("\nShdPnd:\t" + none) != std::string::npos;
}

void send_and_wait(const Background& command, int signal) {
  ::kill(command.pid(), signal);
  do {
    REQUIRE_FALSE(command.ended_within(std::chrono::milliseconds(5)));
  } while (!has_taken_signals(command.pid()));
}

void wait_for(const Background& command, const std::string& mark, std::size_t count) {
  while (sleepers(mark).size() < count) REQUIRE_FALSE(command.ended_within(std::chrono::milliseconds(5)));
}

TEST_CASE("a time-out ends all descendants of a job, those too that ignore it") {
  const std::string mark = own_mark("876543");
  const Outcome outcome = pool({"--timeout", "300ms", "--grace", "200ms", "--shell", stubborn(mark), ":::", "1"});
  INFO(outcome.text());
  CHECK(outcome.code() == 1);
  CHECK_THAT(outcome.err, Catch::Contains("timed out"));
  CHECK(processes_with(mark).empty());
}

TEST_CASE("a job asked to end may still say so") {
  const Outcome outcome =
      pool({"--timeout", "2s", "--shell", "trap 'echo bye; exit 3' TERM; sleep 30 & wait; : {}", ":::", "1"});
  INFO(outcome.text());
  CHECK(outcome.out == "bye\n");
  CHECK(outcome.code() == 1);
  CHECK_THAT(outcome.err, Catch::Contains("timed out"));
}

TEST_CASE("halting now ends what runs") {
  const std::string mark = own_mark("765432");
  const Outcome outcome = pool(
      {"-j2", "--grace", "200ms", "--halt", "now,fail=1", "--shell", "{}", ":::", stubborn(mark), "sleep 0.3; exit 9"});
  INFO(outcome.text());
  CHECK(outcome.code() == 9);
  CHECK(processes_with(mark).empty());
}

TEST_CASE("the first Ctrl-C starts no more jobs and lets the running ones end") {
  const TempDir scratch;
  Background command(pool_command(
      {"-j2", "--shell", ": >begun.{}; until test -e go; do sleep 0.01; done; echo done {}", ":::", "1", "2", "3", "4"},
      "", scratch.path().string()));
  while (!entry_exists(scratch / "begun.1") || !entry_exists(scratch / "begun.2")) {
    REQUIRE_FALSE(command.ended_within(std::chrono::milliseconds(5)));
  }
  send_and_wait(command, SIGINT);
  write_file(scratch / "go", "");
  const Outcome outcome = command.wait();
  INFO(outcome.text());
  CHECK(outcome.code() == 130);
  CHECK(count_lines(outcome.out) == 2);
}

TEST_CASE("the second Ctrl-C kills the jobs") {
  const std::string mark = own_mark("654321");
  Background command(pool_command({"-j2", "--grace", "1h", "--shell", stubborn(mark), ":::", "1", "2"}));
  wait_for(command, mark, 6);
  send_and_wait(command, SIGINT);
  CHECK(sleepers(mark).size() == 6);
  ::kill(command.pid(), SIGINT);
  CHECK(command.wait().code() == 130);
  CHECK(none_left_with(mark, std::chrono::seconds(5)));
}

TEST_CASE("a reader that leaves ends the run") {
  const std::string mark = own_mark("543210");
  const std::string line = mtask::test::mtask_binary() +
                           " pool -j2 --grace 100ms --shell 'echo {}; test {} -lt 3 || sleep " + mark +
                           "' ::: 1 2 3 4 5 6 | head -n 1";
  const Outcome piped =
      run({.argv = {"sh", "-c", line}, .env = {}, .cwd = "", .input = "", .timeout = std::chrono::seconds(60)});
  INFO(piped.text());
  CHECK_FALSE(piped.timed_out);
  CHECK(count_lines(piped.out) == 1);
  CHECK(none_left_with(mark, std::chrono::seconds(5)));
}

TEST_CASE("what a job leaves in the background stays, and nobody waits for it") {
  const std::string mark = own_mark("3210");
  const Outcome outcome = pool({"-j1", "--shell", "sleep " + mark + " & echo {}", ":::", "1", "2"});
  CHECK(outcome.out == "1\n2\n");
  // The run may be over before the shells' children have become `sleep`.
  for (int tries = 0; sleepers(mark).size() < 2 && tries < 1000; ++tries) ::poll(nullptr, 0, 10);
  const std::vector<pid_t> left = sleepers(mark);
  CHECK(left.size() == 2);
  for (const pid_t pid : left) ::kill(pid, SIGKILL);
}

TEST_CASE("no file of a run is left behind") {
  const TempDir scratch(fast_temp_root());
  const std::string tmp = scratch.path().string();
  const Outcome outcome = pool({"-j3", "-k", "--tmpdir", tmp, "--shell",
                                "head -c 300000 /dev/zero; test {} != 2 || kill -9 $$", ":::", "1", "2", "3"});
  CHECK(outcome.code() == 1);
  CHECK(outcome.out.size() == 900'000);
  CHECK(paths_below(scratch.path()).empty());
}

}  // namespace
