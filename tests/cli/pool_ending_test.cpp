// How jobs and runs end: nothing of them stays.
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

void wait_for(const Background& command, const std::string& mark, std::size_t count) {
  while (sleepers(mark).size() < count) REQUIRE_FALSE(command.ended_within(std::chrono::milliseconds(5)));
}

TEST_CASE("a time-out ends all descendants of a job, those too that ignore it") {
  const std::string mark = "876543.5";
  const Outcome outcome = pool({"--timeout", "300ms", "--grace", "200ms", "--shell", stubborn(mark), ":::", "1"});
  INFO(outcome.text());
  CHECK(outcome.code() == 1);
  CHECK_THAT(outcome.err, Catch::Contains("timed out"));
  CHECK(processes_with(mark).empty());
}

TEST_CASE("a job asked to end may still say so") {
  const Outcome outcome =
      pool({"--timeout", "300ms", "--shell", "trap 'echo bye; exit 3' TERM; sleep 30 & wait; : {}", ":::", "1"});
  CHECK(outcome.out == "bye\n");
}

TEST_CASE("halting now ends what runs") {
  const std::string mark = "765432.5";
  const Outcome outcome = pool(
      {"-j2", "--grace", "200ms", "--halt", "now,fail=1", "--shell", "{}", ":::", stubborn(mark), "sleep 0.3; exit 9"});
  INFO(outcome.text());
  CHECK(outcome.code() == 9);
  CHECK(processes_with(mark).empty());
}

TEST_CASE("the first Ctrl-C starts no more jobs and lets the running ones end") {
  const std::string mark = "0.654321";
  Background command(pool_command({"-j2", "--shell", "sleep " + mark + "; echo done {}", ":::", "1", "2", "3", "4"}));
  wait_for(command, mark, 2);
  ::kill(command.pid(), SIGINT);
  const Outcome outcome = command.wait();
  INFO(outcome.text());
  CHECK(outcome.code() == 130);
  CHECK(count_lines(outcome.out) == 2);
}

TEST_CASE("the second Ctrl-C kills the jobs") {
  const std::string mark = "654321.5";
  Background command(pool_command({"-j2", "--shell", stubborn(mark), ":::", "1", "2"}));
  wait_for(command, mark, 6);
  ::kill(command.pid(), SIGINT);
  CHECK_FALSE(command.ended_within(std::chrono::milliseconds(300)));
  ::kill(command.pid(), SIGINT);
  CHECK(command.wait().code() == 130);
  CHECK(none_left_with(mark, std::chrono::seconds(5)));
}

TEST_CASE("a reader that leaves ends the run") {
  const std::string mark = "543210.5";
  const std::string line = mtask::test::mtask_binary() +
                           " pool -j2 --grace 100ms --shell 'echo {}; test {} -lt 3 || sleep " + mark +
                           "' ::: 1 2 3 4 5 6 | head -n 1";
  const Outcome piped =
      run({.argv = {"sh", "-c", line}, .env = {}, .cwd = "", .input = "", .timeout = std::chrono::seconds(60)});
  INFO(piped.text());
  CHECK_FALSE(piped.timed_out);
  CHECK(count_lines(piped.out) == 1);
}

TEST_CASE("what a job leaves in the background stays, and nobody waits for it") {
  const std::string mark = "3.210987";
  const Outcome outcome = pool({"-j1", "--shell", "sleep " + mark + " & echo {}", ":::", "1", "2"});
  CHECK(outcome.out == "1\n2\n");
  CHECK(processes_with(mark).size() >= 1);
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
