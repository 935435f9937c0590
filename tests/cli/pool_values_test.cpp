// Values of any bytes reach the program as they are; lists of any length are taken.
#include <catch2/catch.hpp>

#include "support/files.hpp"
#include "support/places.hpp"
#include "support/pool_command.hpp"
#include "support/temp_dir.hpp"

namespace {

using namespace mtask::test;

const std::vector<std::string> kNasty = {
    "new\nline", "it's",        "\"quoted\"", "$(id)", "`id`", "$HOME",     "a;b|c&d", "-n", "*",  "~",
    "\xff\xfe",  "back\\slash", " lead",      "",      "{}",   "tab\there", "#no",     "!x", "ü €"};

std::string null_separated() {
  std::string text;
  for (const std::string& value : kNasty) text += value + '\0';
  return text;
}

std::string expected() {
  std::string text;
  for (const std::string& value : kNasty) text += "<" + value + ">";
  return text;
}

TEST_CASE("values of any bytes reach a program without a shell") {
  CHECK(pool({"-0", "-k", "printf", "<%s>"}, null_separated()).out == expected());
}

TEST_CASE("values of any bytes are quoted for the shell") {
  CHECK(pool({"-0", "-k", "printf '<%s>' {}"}, null_separated()).out == expected());
  CHECK(pool({"-0", "-k", "--shell", "printf", "'<%s>'"}, null_separated()).out == expected());
}

TEST_CASE("many values of any bytes go to one program") {
  CHECK(pool({"-0", "-X", "-j1", "printf", "<%s>"}, null_separated()).out == expected());
}

TEST_CASE("an argument of 100 KB is passed, one that the system can't take fails alone") {
  const std::string large(100'000, 'x');
  CHECK(pool({"-k", "printf", "%s", ":::", large}).out == large);
  const Outcome outcome = pool({"-k", "--no-shell", "echo"}, std::string(200'000, 'y') + "\nz\n");
  INFO(outcome.err.substr(0, 300));
  CHECK(outcome.code() == 1);
  CHECK(outcome.out == "z\n");
}

TEST_CASE("a million lines are packed into few commands, in order") {
  std::string lines;
  for (int i = 0; i < 1'000'000; ++i) lines += std::to_string(i) + "\n";
  const Outcome outcome = pool({"-k", "-m", "printf", "%s\\n"}, lines);
  CHECK(outcome.code() == 0);
  CHECK(outcome.out == lines);
}

TEST_CASE("outputs larger than memory should hold are kept apart and in order") {
  const Outcome outcome = pool({"-j3", "-k", "--shell", "yes {} | head -c 5000000"}, "1\n2\n3\n");
  CHECK(outcome.code() == 0);
  REQUIRE(outcome.out.size() == 15'000'000);
  std::string want;
  for (const char c : {'1', '2', '3'}) {
    for (int i = 0; i < 2'500'000; ++i) want += std::string(1, c) + "\n";
  }
  CHECK(outcome.out == want);
}

TEST_CASE("lines are never mixed, whatever the jobs do") {
  const Outcome outcome = pool({"-j4", "--line-buffer", "--shell",
                                "for i in 1 2 3 4 5 6 7 8 9; do printf {}; sleep 0.01; printf '{}\\n'; done",
                                ":::", "aaaa", "bbbb", "cccc", "dddd"});
  std::size_t begin = 0;
  for (std::size_t end; (end = outcome.out.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const std::string line = outcome.out.substr(begin, end - begin);
    CHECK(line == std::string(8, line.front()));
  }
  CHECK(count_lines(outcome.out) == 36);
}

TEST_CASE("the first job starts while the list is still being written") {
  const TempDir scratch;
  const std::string mark = (scratch / "started").string();
  const std::string line = "(echo 1; while ! test -e " + mark + "; do sleep 0.01; done; echo 2) | " +
                           mtask::test::mtask_binary() + " pool -k --shell 'touch " + mark + "; echo {}'";
  const Outcome outcome =
      run({.argv = {"sh", "-c", line}, .env = {}, .cwd = "", .input = "", .timeout = std::chrono::seconds(20)});
  CHECK_FALSE(outcome.timed_out);
  CHECK(outcome.out == "1\n2\n");
}

TEST_CASE("an input that cannot be used ends the run, which says so") {
  const Outcome outcome = pool({"-k", "-s", "20", "-n1", "echo"}, "aa\n" + std::string(30, 'b') + "\ncc\n");
  INFO(outcome.text());
  CHECK(outcome.code() == 3);
  CHECK(outcome.out == "aa\n");
  CHECK_THAT(outcome.err, Catch::Contains("the values after it are not used"));
}

}  // namespace
