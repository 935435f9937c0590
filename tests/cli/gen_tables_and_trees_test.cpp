// csv and walk of `mtask gen` where something is amiss, and lists that have to be read first.
#include <catch2/catch.hpp>
#include <filesystem>

#include "support/files.hpp"
#include "support/gen_command.hpp"
#include "support/temp_dir.hpp"

namespace {

using namespace mtask::test;

TEST_CASE("gen: a missing column is told with those there are") {
  const TempDir directory;
  write_file(directory.path() / "t.csv", "name,\"age, y\"\nAnn,3\n");
  const Outcome outcome = gen(words_of("csv t.csv --column ages"), "", directory.path());
  CHECK(outcome.code() == 1);
  CHECK(outcome.out.empty());
  CHECK(outcome.err == "mtask gen: csv: 't.csv' has no column 'ages'; there are 'name', 'age, y'\n");
}

TEST_CASE("gen: columns have numbers from 1, and without a header only these") {
  CHECK(gen(words_of("csv - --column 2"), "a,b\n1,2\n").out == "2\n");
  CHECK(gen(words_of("csv - --column 2 --no-header"), "a,b\n1,2\n").out == "b\n2\n");
  const Outcome outcome = gen(words_of("csv - --column 3 --no-header"), "a,b\n1,2\n");
  CHECK(outcome.code() == 1);
  CHECK(outcome.err == "mtask gen: csv: standard input has no column '3'; they are numbered from 1 to 2\n");
  CHECK(gen(words_of("csv - --column b --no-header"), "a,b\n").code() == 1);
}

TEST_CASE("gen: ragged records are told and left out by --keep-going") {
  const Outcome outcome = gen(words_of("--keep-going csv - --column b"), "a,b\n1,2\n3\n4,5,6\n7,8\n");
  CHECK(outcome.code() == 1);
  CHECK(outcome.out == "2\n8\n");
  CHECK(outcome.err.find("csv: standard input line 3 has 1 field and the first has 2\n") != std::string::npos);
  CHECK(outcome.err.find("csv: standard input line 4 has 3 fields and the first has 2\n") != std::string::npos);
}

TEST_CASE("gen: an empty table has no values, but no column either") {
  CHECK(gen(words_of("csv -"), "").code() == 0);
  CHECK(gen(words_of("csv - --column a"), "a\n").code() == 0);
  CHECK(gen(words_of("csv - --column a"), "").code() == 1);
}

TEST_CASE("gen: delimiters") {
  CHECK(gen({"csv", "-", "-d", "tab", "-c", "b"}, "a\tb\n1\t2\n").out == "2\n");
  CHECK(gen({"csv", "-", "--delimiter", ";", "-c", "b"}, "a;b\n1;2,3\n").out == "2,3\n");
  const Outcome outcome = gen({"csv", "-", "--delimiter", "::"}, "");
  CHECK(outcome.code() == 2);
  CHECK(outcome.err.starts_with("mtask gen: csv: '::' is no delimiter"));
}

TEST_CASE("gen: a table larger than any block, cut anywhere, is whole") {
  std::string table = "n,text\n";
  std::string expected;
  for (int i = 0; i < 30'000; ++i) {
    const std::string text(static_cast<std::size_t>(i % 17), 'x');
    table += std::to_string(i) + ",\"" + text + "\"\"\n\"\r\n";
    expected += std::to_string(i) + "\t" + text + "\"\n\n";
  }
  CHECK(gen(words_of("csv -"), table).out == expected);
}

TEST_CASE("gen: of several directories one that is missing is told, and passed over by --keep-going") {
  const TempDir directory;
  std::filesystem::create_directory(directory.path() / "a");
  std::filesystem::create_directory(directory.path() / "b");
  write_file(directory.path() / "a" / "x", "");
  write_file(directory.path() / "b" / "y", "");
  const Outcome ended = gen(words_of("walk a none b"), "", directory.path());
  CHECK(ended.code() == 1);
  CHECK(ended.out == "a\na/x\n");
  CHECK(ended.err == "mtask gen: walk: cannot find 'none': No such file or directory\n");
  const Outcome went_on = gen(words_of("--keep-going walk a none b"), "", directory.path());
  CHECK(went_on.code() == 1);
  CHECK(went_on.out == "a\na/x\nb\nb/y\n");
}

TEST_CASE("gen: hidden entries are walked unless told otherwise, a hidden root always") {
  const TempDir directory;
  std::filesystem::create_directories(directory.path() / ".git" / ".h");
  write_file(directory.path() / ".git" / ".h" / "x", "");
  write_file(directory.path() / ".git" / "y", "");
  CHECK(gen(words_of("walk .git"), "", directory.path()).out == ".git\n.git/.h\n.git/.h/x\n.git/y\n");
  CHECK(gen(words_of("walk .git --no-hidden"), "", directory.path()).out == ".git\n.git/y\n");
}

TEST_CASE("gen: walk refuses types that there aren't") {
  CHECK(gen(words_of("walk --type x")).code() == 2);
  CHECK(gen(words_of("walk --type f,")).code() == 2);
  CHECK(gen(words_of("walk --min-depth 3 --max-depth 2")).code() == 2);
}

TEST_CASE("gen: a product of lists that have no numbers reads them first, a cycle keeps them") {
  CHECK(gen({"product", "-", "1,2"}, "x\ny\n").out == "x\t1\nx\t2\ny\t1\ny\t2\n");
  CHECK(gen({"powerset", "-"}, "x\ny\n").out == "\nx\ny\nx\ty\n");
  CHECK(gen(words_of("cycle - 2"), "x\ny\n").out == "x\ny\nx\ny\n");
  CHECK(gen(words_of("cycle - : take 5"), "x\ny\n").out == "x\ny\nx\ny\nx\n");
  CHECK(gen(words_of("cycle -"), "").out.empty());
}

TEST_CASE("gen: a list that never ends is refused, or found not to fit in memory") {
  CHECK(gen(words_of("perms 1..inf")).err.starts_with("mtask gen: perms: '1..inf' has no end"));
  const Outcome outcome = gen(words_of("--memory 1M product 1,2 primes"));
  CHECK(outcome.code() == 1);
  CHECK(outcome.err == "mtask gen: product: 'primes' is needed whole and does not fit in --memory\n");
}

TEST_CASE("gen: Fibonacci numbers are exact at any size, and come by their number") {
  const Outcome python = run({.argv = {"python3", "-c", "a, b = 0, 1\nfor i in range(1000): print(a); a, b = b, a + b"},
                              .env = {},
                              .cwd = {},
                              .input = {}});
  CHECK(gen(words_of("fib 1000")).out == python.out);
  CHECK(gen(words_of("fib 1000 : shard 3/7")).out == gen({"-e", "fib 1000 | format {} | shard 3/7"}).out);
}

TEST_CASE("gen: dates count in business days and at offsets") {
  CHECK(gen(words_of("date 2024-03-01 2024-03-06 1bd")).out == "2024-03-01\n2024-03-04\n2024-03-05\n2024-03-06\n");
  CHECK(gen({"date", "2024-03-01 22:00+01:00", "2024-03-02T00:00Z", "90m"}).out ==
        "2024-03-01 22:00+01:00\n2024-03-01 23:30+01:00\n2024-03-02 01:00+01:00\n");
  CHECK(gen({"date", "2024-12-30", "2025-01-01", "--format", "%a %d.%m.%y %G-W%V"}).out ==
        "Mon 30.12.24 2025-W01\nTue 31.12.24 2025-W01\nWed 01.01.25 2025-W01\n");
  CHECK(gen({"date", "2024-12-30", "--format", "%Q"}).code() == 2);
  CHECK(gen(words_of("date 2024-03-02 2024-03-01")).code() == 2);
  CHECK(gen(words_of("date 2024-03-02 2024-03-01 --allow-empty")).code() == 0);
  CHECK(gen(words_of("date 2024-03-02 2024-04-01 0d")).code() == 2);
}

TEST_CASE("gen: the calendar ends with an error, after its last date") {
  const Outcome outcome = gen(words_of("date 9999-12-31"));
  CHECK(outcome.code() == 1);
  CHECK(outcome.out == "9999-12-31\n");
  CHECK(outcome.err == "mtask gen: date: the next one is beyond the years 0001 to 9999\n");
}

TEST_CASE("gen: random choices refuse weights that decide nothing") {
  for (const char* const weights : {"1", "1,2,3", "0,0", "1,-1", "a,b", "", "9e18,9e18"}) {
    INFO(weights);
    CHECK(gen({"rand", "choice", "a", "b", "--weights", weights, "--count", "1"}).code() == 2);
  }
}

}  // namespace
