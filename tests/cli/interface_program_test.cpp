// The program as a shell sees it: streams, exit codes, signals.
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>

#include "support/copy_command.hpp"
#include "support/environment.hpp"
#include "support/files.hpp"
#include "support/places.hpp"
#include "support/temp_dir.hpp"

namespace {

using namespace mtask::test;
using namespace std::chrono_literals;
using Names = std::vector<std::string>;

Outcome mtask(const Names& arguments) { return run(mtask_command(arguments)); }

Outcome shell(const std::string& script) {
  Command command = mtask_command({});
  command.argv = {"bash", "-c", script, "bash", mtask::test::mtask_binary()};
  return run(command);
}

TEST_CASE("wrong uses are one line on standard error and exit code 2") {
  for (const Names& arguments : {Names{},
                                 {"cpoy"},
                                 {"copy"},
                                 {"copy", "a"},
                                 {"copy", "--worker", "3", "a", "b"},
                                 {"--versoin"},
                                 {"help", "cpoy"},
                                 {"completion", "tcsh"},
                                 {"copy", "-j", "x", "a", "b"}}) {
    const Outcome outcome = mtask(arguments);
    INFO(outcome.text());
    CHECK(outcome.code() == 2);
    CHECK(outcome.out.empty());
    CHECK(count_lines(outcome.err) == 1);
    CHECK_THAT(outcome.err, Catch::StartsWith("mtask"));
  }
  CHECK_THAT(mtask({"cpoy"}).err, Catch::Contains("did you mean 'copy'?"));
  CHECK(mtask({"copy", "--worker", "3", "a", "b"}).err ==
        "mtask copy: unknown option '--worker'; did you mean '--workers'?\n");
}

TEST_CASE("names in messages cannot steer the terminal") {
  const Outcome outcome = mtask({"copy", "a\033[2J\n\xff"});
  CHECK(outcome.code() == 2);
  CHECK(count_lines(outcome.err) == 1);
  CHECK(outcome.err.find('\033') == std::string::npos);
}

TEST_CASE("help and version go to standard output") {
  for (const Names& arguments : {Names{"--help"}, {"copy", "--help"}, {"copy", "a", "-h"}, {"help", "copy"}}) {
    const Outcome outcome = mtask(arguments);
    CHECK(outcome.code() == 0);
    CHECK(outcome.err.empty());
    CHECK_THAT(outcome.out, Catch::Contains("Usage: mtask"));
  }
  const Outcome version = mtask({"--version"});
  CHECK(version.code() == 0);
  CHECK_THAT(version.out, Catch::StartsWith("mtask ") && Catch::Contains("\ncommit ") && Catch::Contains("spdlog "));
}

TEST_CASE("help comes even if the configuration is broken") {
  const TempDir scratch;
  std::filesystem::create_directory(scratch / "mtask");
  write_file(scratch / "mtask/config.toml", "[copy]\nworkerz = 1\n");
  Command command = mtask_command({"copy", "a", "b"});
  command.env["XDG_CONFIG_HOME"] = scratch.path();
  const Outcome broken = run(command);
  CHECK(broken.code() == 2);
  CHECK_THAT(broken.err, Catch::Contains("config.toml:2: unknown key 'workerz'; did you mean 'workers'?"));
  command.argv.emplace_back("--help");
  CHECK(run(command).code() == 0);
  command.argv.back() = "--no-config";
  CHECK_THAT(run(command).err, !Catch::Contains("config.toml"));
}

TEST_CASE("a configuration that waits for a writer is refused, /dev/null is an empty one") {
  const TempDir scratch;
  std::filesystem::create_directory(scratch / "mtask");
  const std::string path = scratch / "mtask/config.toml";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  write_file(scratch / "a", "a");
  Command command = mtask_command({"copy", scratch / "a", scratch / "b"});
  command.env["XDG_CONFIG_HOME"] = scratch.path();
  command.timeout = 60s;
  const Outcome waiting = run(command);
  CHECK(waiting.code() == 2);
  CHECK_THAT(waiting.err, Catch::Contains("config.toml': it is not a regular file"));
  std::filesystem::remove(path);
  std::filesystem::create_symlink("/dev/null", path);
  CHECK(run(command).code() == 0);
}

TEST_CASE("a configuration that may not be read is warned of once, and the run goes on") {
  if (!is_root() || !has_command("setpriv")) MTASK_SKIP("needs root and setpriv");
  const TempDir scratch;
  std::filesystem::create_directories(scratch / "home/.config/mtask");
  std::filesystem::permissions(scratch / "home", std::filesystem::perms::owner_all);
  write_file(scratch / "home/.config/mtask/config.toml", "[copy]\nworkers = 1\n");
  write_file(scratch / "a", "a");
  std::filesystem::create_directory(scratch / "to");
  REQUIRE(::chown((scratch / "to").c_str(), kNobody, kNobody) == 0);
  std::filesystem::copy_file(mtask::test::mtask_binary(), scratch / "mtask");  // where such a user may reach it
  Command command =
      mtask_command({"copy", scratch / "a", scratch / "to", "--no-preserve=ownership"}, scratch / "mtask");
  command.argv.insert(command.argv.begin(), {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"});
  command.env["XDG_CONFIG_HOME"] = std::nullopt;
  command.env["HOME"] = scratch / "home";
  command.cwd = "/";
  const Outcome outcome = run(command);
  INFO(outcome.text());
  CHECK(outcome.code() == 0);
  CHECK(read_file(scratch / "to/a") == "a");
  CHECK_THAT(outcome.err, Catch::Contains("config.toml': Permission denied; going on without"));
  CHECK(count_lines(outcome.err) == 2);
}

TEST_CASE("standard output that cannot be written is an error, a reader who left is none") {
  const Outcome full = shell("\"$1\" copy --help >/dev/full");
  CHECK(full.code() == 3);
  CHECK_THAT(full.err, Catch::Contains("cannot write to standard output"));
  // The reader has ended for certain before anything is written to it.
  const std::string no_reader = "exec 3> >(exit 0); wait $!; ";
  CHECK(shell(no_reader + "\"$1\" copy --help >&3").code() == 0);
}

TEST_CASE("a reader of --json who leaves stops no copy, and strictness changes the exit code alone") {
  const TempDir here;
  std::filesystem::create_directory(here / "src");
  // Slow enough to be stopped by whom the first line fails.
  write_file(here / "src" / "file", pattern(1U << 20U, 1));
  const std::string no_reader = "exec 3> >(exit 0); wait $!; cd '" + here.path().string() + "'; ";
  const Outcome lax = shell(no_reader + "\"$1\" copy --json -j2 --limit-rate=4M src lax >&3");
  INFO(lax.text());
  CHECK(lax.code() == 0);
  CHECK(read_file(here / "lax" / "file") == read_file(here / "src" / "file"));
  CHECK_THAT(lax.err, Catch::Contains("1 file") && !Catch::Contains("nothing done"));
  const Outcome strict = shell(no_reader + "\"$1\" copy --json --strict-pipe -j2 --limit-rate=4M src strict >&3");
  INFO(strict.text());
  CHECK(strict.code() == 141);
  CHECK(read_file(here / "strict" / "file") == read_file(here / "src" / "file"));
}

TEST_CASE("a copy that is made but can't be told of exits with 1, whatever the telling") {
  const TempDir here;
  write_file(here / "a", "a");
  const std::string copy = "cd '" + here.path().string() + "'; \"$1\" copy a to ";
  for (const char* telling : {"--json >/dev/full", "--stats >/dev/full", "--json=/dev/full", "--log-file=/dev/full"}) {
    INFO(telling);
    std::filesystem::remove(here / "to");
    const Outcome outcome = shell(copy + telling);
    INFO(outcome.text());
    CHECK(outcome.code() == 1);
    CHECK_THAT(outcome.err, Catch::Contains("No space left on device"));
    CHECK(count_lines(outcome.err) == 2);
    CHECK(read_file(here / "to") == "a");
  }
}

TEST_CASE("what a copy writes about itself is none of its operands, nor written twice") {
  const TempDir here;
  write_file(here / "a", "a");
  write_file(here / "b", "b");
  std::filesystem::create_directory(here / "dir");
  std::filesystem::create_symlink("a", here / "link");
  const std::string copy = "cd '" + here.path().string() + "'; \"$1\" copy ";
  for (const char* arguments :
       {"--report=a a new", "--log-file=./a a new", "--trace=link a new", "--json=b a b", "--json=new a new",
        "--json=dir/../new a new", "--log-file=dir/a a dir", "--json=dir/b -t dir a b", "--json=x --log-file=./x a new",
        "--report=x --trace=x a new"}) {
    INFO(arguments);
    const Outcome outcome = shell(copy + arguments);
    INFO(outcome.text());
    CHECK(outcome.code() == 2);
    CHECK(paths_below(here.path()) == Names{"a", "b", "dir", "link"});
    CHECK(read_file(here / "a") == "a");
    CHECK(read_file(here / "b") == "b");
  }
  CHECK(shell(copy + "--json=/dev/null --log-file=/dev/null a new").code() == 0);
  CHECK(shell(copy + "--json=x --log-file=y --report=z a new").code() == 0);
}

TEST_CASE("closed standard streams are no other files, and closed input is told as such") {
  const TempDir here;
  std::filesystem::create_directory(here / "src");
  write_file(here / "src" / "a", "a");
  const std::string copy = "cd '" + here.path().string() + "'; \"$1\" copy src to ";
  for (const char* list : {"--files-from=- <&-", "--exclude-from=- <&-"}) {
    const Outcome outcome = shell(copy + list);
    INFO(outcome.text());
    CHECK(outcome.code() == 2);
    CHECK_THAT(outcome.err, Catch::EndsWith("standard input is closed\n"));
    CHECK_FALSE(entry_exists(here / "to"));
  }
  CHECK(shell(copy + "<&- >&- 2>&-").code() == 0);
  CHECK(read_file(here / "to" / "a") == "a");
  CHECK(shell(copy + "--json >&-").code() == 1);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they need more
TEST_CASE("a small stack is enough") {
  const TempDir here;
  std::filesystem::create_directory(here / "src");
  write_file(here / "src" / "a", "a");
  write_file(here / "list", "a\n");
  const std::string script =
      "cd '" + here.path().string() + "'; ulimit -s 64; \"$1\" copy -j2 --files-from=list src to";
  const Outcome outcome = shell(script);
  INFO(outcome.text());
  CHECK(outcome.code() == 0);
  CHECK(read_file(here / "to" / "a") == "a");
}
#endif

TEST_CASE("--stats keeps out of the JSON lines on standard output, whatever that is called") {
  const TempDir here;
  write_file(here / "a", "a");
  for (const char* json : {"--json", "--json=/dev/stdout", "--json=/proc/self/fd/1"}) {
    INFO(json);
    const Outcome outcome = shell("cd '" + here.path().string() + "'; \"$1\" copy --stats a b " + json);
    INFO(outcome.text());
    CHECK(outcome.code() == 0);
    CHECK_THAT(outcome.out, Catch::EndsWith("}\n") && !Catch::Contains("\nfiles: "));
    CHECK_THAT(outcome.err, Catch::Contains("\nfiles: "));
  }
}

// Begins to copy at a rate that would take hours, and returns when a worker has begun.
std::unique_ptr<Background> slow_copy(const TempDir& scratch) {
  write_file(scratch / "big", pattern(1U << 20U, 1));
  auto copy = std::make_unique<Background>(
      copy_command({"--limit-rate=64", "--json", "-vv", scratch / "big", scratch / "copied"}));
  for (int i = 0; i < 30'000 && copy->out().find("started") == std::string::npos; ++i) {
    if (copy->ended_within(1ms)) break;
  }
  INFO(copy->err());
  REQUIRE(copy->running());
  return copy;
}

TEST_CASE("a signal ends a copy cleanly, and how to go on is told") {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    const TempDir scratch;
    const auto copy = slow_copy(scratch);
    REQUIRE(::kill(copy->pid(), number) == 0);
    const Outcome outcome = copy->wait();
    INFO(outcome.text());
    CHECK(outcome.code() == 128 + number);
    CHECK_THAT(outcome.err, Catch::EndsWith("interrupted; run the same command again to continue\n"));
    CHECK_FALSE(entry_exists(scratch / "copied"));
    CHECK(temporary_names(scratch.path()).empty());
  }
}

}  // namespace
