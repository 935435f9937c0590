// What a run of `mtask pool` leaves for people and programs: records, lines of JSON, exit codes.
#include <signal.h>

#include <catch2/catch.hpp>
#include <regex>
#include <set>

#include "cli/command.hpp"
#include "cli/man_page.hpp"
#include "support/files.hpp"
#include "support/places.hpp"
#include "support/pool_command.hpp"
#include "support/temp_dir.hpp"

namespace {

using namespace mtask::test;
using Names = std::vector<std::string>;

// A line of the shell, where $mtask is the program, in `folder`.
Outcome shell(const std::string& line, const std::string& folder) {
  Command command = pool_command({}, {}, folder);
  command.argv = {"bash", "-c", "mtask=$1; " + line, "bash", mtask_binary()};
  return run(command);
}

TEST_CASE("a word after a bare --json is no file to write") {
  const TempDir scratch;
  write_file(scratch / "tool", "kept");
  const Outcome outcome = pool({"--json", "./tool", ":::", "a"}, {}, scratch.path());
  CHECK(outcome.code() == 2);
  CHECK(count_lines(outcome.err) == 1);
  CHECK(read_file(scratch / "tool") == "kept");
}

TEST_CASE("the fields of JSON lines are those of the manual") {
  const TempDir scratch;
  const Outcome outcome = shell(
      "echo kept >events; $mtask pool --retries 2 --json=3 sh -c 'exit '{} ::: 0 1 3>>events; "
      "python3 -c 'import json, sys; [json.loads(line) for line in list(open(\"events\"))[1:]]'",
      scratch.path());
  INFO(outcome.text());
  CHECK(outcome.code() == 0);
  const std::string lines = read_file(scratch / "events");
  CHECK_THAT(lines, Catch::StartsWith("kept\n{"));
  const std::string manual = mtask::cli::man_page(*mtask::cli::find_command("pool"));
  const std::string section = manual.substr(manual.find(".SH JSON EVENTS"));
  std::set<std::string> keys;
  const std::regex key("[{,]\"([a-z_]+)\":");
  for (std::sregex_iterator at(lines.begin(), lines.end(), key), end; at != end; ++at) keys.insert((*at)[1]);
  for (const std::string& name : keys) {
    INFO(name);
    CHECK_THAT(section, Catch::Contains("\\fB" + name + "\\fR"));
  }
  const std::regex term("\\.TP\n\\\\fB([a-z_]+)\\\\fR");
  for (std::sregex_iterator at(section.begin(), section.end(), term), end; at != end; ++at) {
    INFO((*at)[1]);
    CHECK(keys.contains((*at)[1]));
  }
  CHECK(keys.size() > 20);
  CHECK_THAT(lines, Catch::Contains("\"detail\":\"exit 1\""));
  CHECK_THAT(lines, Catch::Contains("\"detail\":\"exit 0\""));
  CHECK_THAT(lines, Catch::Contains("\"detail\":\"pid "));
}

TEST_CASE("the report is a page of its own, the trace is JSON") {
  const TempDir scratch;
  REQUIRE(pool({"--report=r.html", "--trace=t.json", "echo", ":::", "a", "b"}, {}, scratch.path()).code() == 0);
  const std::string page = read_file(scratch / "r.html");
  CHECK_THAT(page, Catch::StartsWith("<!") && Catch::Contains("echo a"));
  CHECK_THAT(page, !Catch::Contains("src=\"http") && !Catch::Contains("href=\"http") && !Catch::Contains("@import"));
  CHECK(shell("python3 -m json.tool t.json >/dev/null", scratch.path()).code() == 0);
  CHECK_THAT(read_file(scratch / "t.json"), Catch::Contains("echo b"));
}

TEST_CASE("a value that is a part of the command's name brings no commands along") {
  const TempDir scratch;
  write_file(scratch / "p-a", "#!/bin/sh\necho \"ran $1\"\n");
  const std::string value = "a; echo PWNED; #";
  const Outcome outcome = shell("chmod +x p-a; $mtask pool './p-{} x' ::: a '" + value + "'", scratch.path());
  CHECK(outcome.out == "ran x\n");
  CHECK(outcome.code() == 1);
  CHECK(pool({"--dry-run", "./p-{} > {}.log", ":::", value}).out ==
        "./p-'a; echo PWNED; #' > 'a; echo PWNED; #'.log\n");
}

TEST_CASE("a first word that is one placeholder takes command lines") {
  for (const char* command : {"{}", "{} ", "{}; true", "{}|cat", "{1}"}) {
    INFO(command);
    CHECK(pool({command, ":::", "echo a  b"}).out == "a b\n");
  }
  CHECK(pool({"--shell", "{}", "c", ":::", "echo a  b"}).out == "a b c\n");
  CHECK(pool({"{}{}", ":::", "echo a"}).code() == 1);
}

TEST_CASE("+FILE adds to a job log") {
  const TempDir scratch;
  REQUIRE(pool({"--joblog=log", "true", ":::", "1", "2"}, {}, scratch.path()).code() == 0);
  REQUIRE(pool({"--joblog=+log", "true", ":::", "1"}, {}, scratch.path()).code() == 0);
  CHECK(count_lines(read_file(scratch / "log")) == 4);
  REQUIRE(pool({"--joblog=log", "true", ":::", "1"}, {}, scratch.path()).code() == 0);
  CHECK(count_lines(read_file(scratch / "log")) == 2);
}

TEST_CASE("--retry-failed takes failed commands from the log") {
  const TempDir scratch;
  CHECK(pool({"--joblog=log", "test -e {} && echo {}", ":::", "x", "log"}, {}, scratch.path()).code() == 1);
  write_file(scratch / "x", "");
  const Outcome again = pool({"--joblog=log", "--retry-failed"}, {}, scratch.path());
  INFO(again.text());
  CHECK(again.code() == 0);
  CHECK(again.out == "x\n");
}

TEST_CASE("a run that cannot be has the exit codes of all commands") {
  const TempDir scratch;
  CHECK(pool({"--no-such-option"}).code() == 2);
  CHECK(pool({"-a", "none", "true"}, {}, scratch.path()).code() == 3);
  CHECK(pool({"--joblog=none/log", "true", ":::", "a"}, {}, scratch.path()).code() == 3);
  const Outcome alone = shell("setsid -w $mtask pool --interactive true ::: a", scratch.path());
  CHECK(alone.code() == 2);
  CHECK(alone.err == "mtask pool: --interactive needs a terminal\n");
}

TEST_CASE("a run that a signal ended says so, and how to go on") {
  for (const bool logged : {false, true}) {
    const TempDir scratch;
    const std::string mark = logged ? "0.432109" : "0.321098";
    Names arguments = {"-j1", "sleep", ":::", mark, "1"};
    if (logged) arguments.insert(arguments.begin(), "--joblog=log");
    Background command(pool_command(arguments, {}, scratch.path()));
    while (sleepers(mark).empty()) REQUIRE_FALSE(command.ended_within(std::chrono::milliseconds(5)));
    ::kill(command.pid(), SIGTERM);
    const Outcome outcome = command.wait();
    CHECK(outcome.code() == 143);
    CHECK(outcome.err == (logged ? "mtask pool: interrupted; the same command with --resume continues\n"
                                 : "mtask pool: interrupted; with --joblog FILE it could be continued by --resume\n"));
  }
}

TEST_CASE("a reader that left is an error with --strict-pipe only") {
  const TempDir scratch;
  CHECK(shell("$mtask pool -j1 echo <<<$(seq 500) | true; exit ${PIPESTATUS[0]}", scratch.path()).code() == 0);
  CHECK(shell("$mtask pool -j1 --strict-pipe sh -c 'sleep 0.1; echo $0' <<<$(seq 500) | true; exit ${PIPESTATUS[0]}",
              scratch.path())
            .code() == 141);
}

TEST_CASE("where progress is asked for, a summary line ends it") {
  const Outcome outcome = pool({"--bar", "true", ":::", "1", "2"});
  CHECK_THAT(outcome.err, Catch::Contains("mtask pool: 2 jobs in "));
  CHECK(pool({"true", ":::", "1", "2"}).err.empty());
}

}  // namespace
