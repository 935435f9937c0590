// The examples of the manual, with their exact outputs; times are scaled down.
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <sstream>

#include "support/files.hpp"
#include "support/gen_command.hpp"
#include "support/temp_dir.hpp"

namespace {

using namespace mtask::test;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// Standard output of a run without a failure.
std::string output(const std::string& line, const std::string& cwd = {}) {
  const Outcome outcome = gen(words_of(line), "", cwd);
  INFO(outcome.text());
  CHECK(outcome.code() == 0);
  CHECK(outcome.err.empty());
  return outcome.out;
}

TEST_CASE("gen: Fibonacci's numbers and what the generator returned") {
  const Outcome outcome = gen(words_of("fib 10 --return"));
  CHECK(outcome.code() == 0);
  CHECK(outcome.out == "0\n1\n1\n2\n3\n5\n8\n13\n21\n34\n");
  CHECK(outcome.err == "return: ok\n");
}

TEST_CASE("gen: what is left before its end has returned nothing") {
  const std::string left = "return: nothing, it was left before its end\n";
  CHECK(gen(words_of("range 1 10 : take 3 --return")).err == left);
  CHECK(gen(words_of("words a b : map x : take 1 --return")).err == left);
  CHECK(gen(words_of("range 1 3 : take 10 --return")).err == "return: ok\n");
}

TEST_CASE("gen: Fibonacci's numbers of any size") {
  CHECK(output("fib : nth 300") == "222232244629420445529739893461909967206666939096499764990979600\n");
  CHECK(output("fib : nth 100") == "354224848179261915075\n");
}

TEST_CASE("gen: lines with their numbers") {
  const TempDir directory;
  write_file(directory.path() / "students.txt", "Ada\nBob\nCleo\n");
  CHECK(output("lines students.txt : enumerate", directory.path()) == "0\tAda\n1\tBob\n2\tCleo\n");
}

TEST_CASE("gen: two timers take turns") {
  CHECK(output("interleave 'tick .05s --count 3 | label t1' 'tick .05s --count 3 | label t2'") ==
        "t1\t0\nt2\t0\nt1\t1\nt2\t1\nt1\t2\nt2\t2\n");
}

TEST_CASE("gen: streams that hand over to each other, told by --trace") {
  const Outcome outcome = gen(words_of("switch 'words a1 a2' 'words b1 b2' --trace"));
  CHECK(outcome.code() == 0);
  CHECK(outcome.out == "a1\nb1\na2\nb2\n");
  CHECK(outcome.err.find("switch: words a1 a2 -> words b1 b2\n") != std::string::npos);
  CHECK(outcome.err.find("switch: words b1 b2 -> words a1 a2\n") != std::string::npos);
}

TEST_CASE("gen: timers side by side lose and invent nothing") {
  auto lines = lines_of(output("merge 'tick .05s --count 5 | label A' 'tick .05s --count 3 | label B'"));
  std::sort(lines.begin(), lines.end());
  CHECK(lines == std::vector<std::string>{"A\t0", "A\t1", "A\t2", "A\t3", "A\t4", "B\t0", "B\t1", "B\t2"});
}

TEST_CASE("gen: each with each") {
  CHECK(output("product 1..3 a,b,c : format 'job-{0}-{1}'") ==
        "job-1-a\njob-1-b\njob-1-c\njob-2-a\njob-2-b\njob-2-c\njob-3-a\njob-3-b\njob-3-c\n");
}

TEST_CASE("gen: a part of a shuffled million millions") {
  const std::string first = output("range 1 1e12 : shuffle --seed 42 : shard 3/8 : take 1000");
  const auto lines = lines_of(first);
  CHECK(lines.size() == 1000);
  CHECK(std::set<std::string>(lines.begin(), lines.end()).size() == 1000);
  CHECK(std::vector<std::string>(lines.begin(), lines.begin() + 4) ==
        std::vector<std::string>{"59466195844", "935574387776", "138151052195", "465328623232"});
}

TEST_CASE("gen: the mean of neighbours") {
  CHECK(output("range 1 7 : window 5 : map 'mean(x)'") == "3\n4\n5\n");
  CHECK(lines_of(output("rand normal 0 1 --seed 7 --count 1e4 : window 5 : map 'mean(x)'")).size() == 9996);
}

TEST_CASE("gen: the last days of the months") {
  CHECK(output("date 2024-01-31 2024-12-31 1mo") ==
        "2024-01-31\n2024-02-29\n2024-03-31\n2024-04-30\n2024-05-31\n2024-06-30\n2024-07-31\n2024-08-31\n2024-09-30\n"
        "2024-10-31\n2024-11-30\n2024-12-31\n");
}

TEST_CASE("gen: lines at a pace") {
  const TempDir directory;
  write_file(directory.path() / "urls.txt", "u1\nu2\nu3\n");
  CHECK(output("lines urls.txt : rate 50/s --burst 1", directory.path()) == "u1\nu2\nu3\n");
}

TEST_CASE("gen: a pipeline as one text") {
  CHECK(output("-e 'range 1 inf | filter x%3==0 | map x*x | take 5'") == "9\n36\n81\n144\n225\n");
}

TEST_CASE("gen: arguments, nested words and one text are the same pipeline") {
  const std::string expected = "1\ta\n2\tb\n";
  CHECK(output("zip 'range 1 5 | take 2' a,b") == expected);
  CHECK(output("-e 'zip \"range 1 5 | take 2\" a,b'") == expected);
  CHECK(output("range 1 5 : take 2 : zip a,b") == expected);
}

TEST_CASE("gen: shorthands") {
  CHECK(output("1..3") == "1\n2\n3\n");
  CHECK(output("1..10..4") == "1\n5\n9\n");
  CHECK(output("a,b") == "a\nb\n");
  const TempDir directory;
  write_file(directory.path() / "list", "x\ny");
  CHECK(output("@list", directory.path()) == "x\ny\n");
  CHECK(gen({"-"}, "from\nstdin\n").out == "from\nstdin\n");
  CHECK(output("-3..-1") == "-3\n-2\n-1\n");
}

}  // namespace
