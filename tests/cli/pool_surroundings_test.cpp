// What the jobs of `mtask pool` find around them: their niceness, a terminal, memory.
#include <unistd.h>

#include <catch2/catch.hpp>

#include "support/places.hpp"
#include "support/pool_command.hpp"

namespace {

using namespace mtask::test;
using namespace std::chrono_literals;

TEST_CASE("pool: --nice is what jobs run at, beside what mtask does") {
  const Outcome plain = pool({"sh", "-c", "nice", "job", ":::", "a"});
  const Outcome nicer = pool({"--nice", "5", "sh", "-c", "nice", "job", ":::", "a"});
  INFO(nicer.text());
  CHECK(std::stoi(nicer.out) == std::min(19, std::stoi(plain.out) + 5));
}

TEST_CASE("pool: --tty leaves the terminal to its jobs") {
  const std::string job = "'test -t 0 && test -t 1 && test -t 2 && echo {} has it'";
  const Outcome outcome =
      run({.argv = {"script", "-qec", mtask_binary() + " pool --no-config --tty " + job + " ::: a b", "/dev/null"},
           .env = {{"SHELL", "/bin/sh"}},
           .cwd = {},
           .input = {}});
  INFO(outcome.text());
  CHECK(outcome.out.find("a has it") != std::string::npos);
  CHECK(outcome.out.find("b has it") != std::string::npos);
}

TEST_CASE("pool: without --tty jobs have none") {
  const Outcome outcome = run(
      {.argv = {"script", "-qec",
                mtask_binary() + " pool --no-config 'test -t 0 || test -t 1 || echo {} has none' ::: a", "/dev/null"},
       .env = {{"SHELL", "/bin/sh"}},
       .cwd = {},
       .input = {}});
  INFO(outcome.text());
  CHECK(outcome.out.find("a has none") != std::string::npos);
}

TEST_CASE("pool: no job begins while less memory is free than --memfree") {
  Background waits(pool_command({"--memfree", "1000000G", "echo", ":::", "a"}));
  CHECK_FALSE(waits.ended_within(500ms));
  CHECK(waits.out().empty());
}

}  // namespace
