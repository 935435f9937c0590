// The sources of `mtask gen`, against Python's and the system's own.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "support/files.hpp"
#include "support/gen_command.hpp"
#include "support/places.hpp"
#include "support/temp_dir.hpp"

namespace {

using namespace mtask::test;

std::string output(const std::string& line, const std::string& cwd = {}) {
  const Outcome outcome = gen(words_of(line), "", cwd);
  INFO(outcome.text());
  CHECK(outcome.code() == 0);
  return outcome.out;
}

// What a Python expression's rows are, as lines of fields.
std::string python(const std::string& rows) {
  const Outcome outcome =
      run({.argv = {"python3", "-c",
                    "import itertools, datetime\nfor row in " + rows +
                        ":\n  print(*(row if isinstance(row, (tuple, list)) else (row,)), sep='\\t')"},
           .env = {},
           .cwd = {},
           .input = {}});
  INFO(outcome.err);
  REQUIRE(outcome.code() == 0);
  return outcome.out;
}

std::string error_of(const std::string& line) {
  const Outcome outcome = gen(words_of(line));
  CHECK(outcome.code() != 0);
  return outcome.err.substr(0, outcome.err.find('\n'));
}

TEST_CASE("gen: combinations are itertools'") {
  CHECK(output("product 1..4 a,b,c x,y") == python("itertools.product(range(1, 5), 'abc', 'xy')"));
  CHECK(output("perms a,b,c,d") == python("itertools.permutations('abcd')"));
  CHECK(output("perms 1..5 3") == python("itertools.permutations(range(1, 6), 3)"));
  CHECK(output("combs 1..7 3") == python("itertools.combinations(range(1, 8), 3)"));
  CHECK(output("combs 1..4 3 --replace") == python("itertools.combinations_with_replacement(range(1, 5), 3)"));
  CHECK(output("powerset 1..4") ==
        python("itertools.chain.from_iterable(itertools.combinations(range(1, 5), k) for k in range(5))"));
}

TEST_CASE("gen: a combination by its number is the one that enumerating comes to") {
  for (const char* const source :
       {"product 1..7 a,b,c 1..5", "perms 1..5", "combs 1..9 4", "combs 1..5 3 --replace", "powerset 1..6"}) {
    const std::string text = source;
    INFO(text);
    CHECK(output(text + " : nth 29") == output(text + " : map '(table.concat(f, \"\\t\"))' : nth 29"));
    CHECK(output(text + " : shard 2/3") == output(text + " : format {} : shard 2/3"));
  }
}

TEST_CASE("gen: months end as people mean it, each counted from the first") {
  CHECK(output("date 2023-10-31 2024-03-31 1mo") ==
        "2023-10-31\n2023-11-30\n2023-12-31\n2024-01-31\n2024-02-29\n2024-03-31\n");
  CHECK(output("date 2024-02-29 2027-03-01 1y") == "2024-02-29\n2025-02-28\n2026-02-28\n2027-02-28\n");
  CHECK(output("date 2024-03-31 2024-01-31 -1mo") == "2024-03-31\n2024-02-29\n2024-01-31\n");
}

TEST_CASE("gen: the ends of months on the way back begin with one that is not after the first date") {
  CHECK(output("date 2024-07-15 2024-04-01 -1mo --month-end") == "2024-06-30\n2024-05-31\n2024-04-30\n");
  CHECK(output("date 2024-07-31 2024-06-01 -1mo --month-end") == "2024-07-31\n2024-06-30\n");
  CHECK(output("date 2024-02-15 2022-01-01 -1y --month-end") == "2023-02-28\n2022-02-28\n");
  CHECK(output("date 2024-01-15 2024-03-01 1mo --month-end") == "2024-01-31\n2024-02-29\n");
}

TEST_CASE("gen: days are the calendar's") {
  CHECK(output("date 1899-12-25 1901-03-05") ==
        python("[datetime.date(1899, 12, 25) + datetime.timedelta(n) for n in range(436)]"));
  CHECK(output("date 2024-01-01 2024-02-01 2w") == "2024-01-01\n2024-01-15\n2024-01-29\n");
  CHECK(output("date 2024-02-28T22:00 2024-02-29T02:00 2h") ==
        "2024-02-28T22:00\n2024-02-29T00:00\n2024-02-29T02:00\n");
}

TEST_CASE("gen refuses what is no date") {
  CHECK(error_of("date 2023-02-29 2024-01-01").find("date: '2023-02-29'") != std::string::npos);
  CHECK(error_of("date tomorrow").find("date: 'tomorrow'") != std::string::npos);
  CHECK(error_of("date 2024-01-01 2024-02-01 1parsec").find("date: '1parsec'") != std::string::npos);
}

TEST_CASE("gen: the same seed gives the same values, on every machine") {
  CHECK(output("rand int 1 10 --seed 1 --count 5") == "9\n8\n2\n8\n2\n");
  CHECK(output("rand real 0 1 --seed 1 --count 2") == "0.8116121588818848\n0.7471047161582187\n");
  CHECK(output("rand normal 0 1 --seed 7 --count 3") == "1.674036445441065\n-0.560049561941806\n0.5378981681989655\n");
  CHECK(output("rand exp 2 --seed 1 --count 2") == "0.834626228256068\n0.687389886896275\n");
  CHECK(output("rand exponential 2 --seed 1 --count 1") == "0.834626228256068\n");
  CHECK(output("rand poisson 4 --seed 1 --count 4") == "4\n4\n3\n1\n");
  CHECK(output("rand choice a b c --weights 1,2,3 --seed 1 --count 4") == "c\nc\na\nc\n");
}

TEST_CASE("gen: random values stay within their bounds and reach them") {
  CHECK(output("rand int -2 2 --seed 3 --count 1000 : sort : uniq") == "-2\n-1\n0\n1\n2\n");
  CHECK(output("rand real 5 6 --seed 3 --count 10000 : filter 'x < 5 or x >= 6' : count") == "0\n");
  CHECK(error_of("rand int 5 1").find("rand: '1' is less than LOW") != std::string::npos);
}

TEST_CASE("gen: primes") {
  CHECK(output("primes 10") == "2\n3\n5\n7\n11\n13\n17\n19\n23\n29\n");
  CHECK(output("primes --max 1000000 : count") == "78498\n");
  CHECK(output("primes --min 1000000 --max 1000100") == "1000003\n1000033\n1000037\n1000039\n1000081\n1000099\n");
}

TEST_CASE("gen: csv as RFC 4180 has it") {
  const TempDir directory;
  write_file(directory.path() / "t.csv", "id,\"na\"\"me\",x\r\n1,\"a\nb\",2\r\n3,\"d, e\",\r\n");
  CHECK(output("csv t.csv --column 'na\"me'", directory.path()) == "a\nb\nd, e\n");
  CHECK(output("csv t.csv --column id : sum", directory.path()) == "4\n");
  CHECK(output("csv t.csv -F |", directory.path()) == "1|a\nb|2\n3|d, e|\n");
  write_file(directory.path() / "ragged.csv", "a,b\n1,2\n3\n");
  const Outcome outcome = gen(words_of("csv ragged.csv"), "", directory.path());
  CHECK(outcome.code() == 1);
  CHECK(outcome.out == "1\t2\n");
  CHECK(outcome.err == "mtask gen: csv: 'ragged.csv' line 3 has 1 field and the first has 2\n");
}

TEST_CASE("gen: walk finds what find does") {
  const TempDir directory;
  const Outcome made =
      run({.argv = {"sh", "-c",
                    "mkdir -p t/b/c t/a && touch t/b/f.log t/a/g.log t/z.txt 't/b/new\nline' && ln -s b t/link"},
           .env = {},
           .cwd = directory.path(),
           .input = {}});
  REQUIRE(made.code() == 0);
  const auto find = [&](const std::string& tests) {
    return run({.argv = {"sh", "-c", "find t " + tests + " -print0 | LC_ALL=C sort -z"},
                .env = {},
                .cwd = directory.path(),
                .input = {}})
        .out;
  };
  const auto walk = [&](const std::string& options) {
    const Outcome sorted = run({.argv = {"sh", "-c", "LC_ALL=C sort -z"},
                                .env = {},
                                .cwd = {},
                                .input = output("-0 walk t " + options, directory.path())});
    return sorted.out;
  };
  CHECK(walk("") == find(""));
  CHECK(walk("--type f") == find("-type f"));
  CHECK(walk("--type d") == find("-type d"));
  CHECK(walk("--name *.log") == find("-name '*.log'"));
  CHECK(walk("--min-depth 1 --max-depth 1") == find("-mindepth 1 -maxdepth 1"));
}

TEST_CASE("gen: what stands between the commas of a list may have blanks") {
  CHECK(output("product 'New York,Boston' 1..2") == "New York\t1\nNew York\t2\nBoston\t1\nBoston\t2\n");
  CHECK(output("perms 'x y,c'") == "x y\tc\nc\tx y\n");
  CHECK(output("product 'a b' 'words c d | take 1'") == "a b\tc\n");
}

TEST_CASE("gen: merge takes turns between streams that are always ready") {
  const std::string merged = output("merge 1..1000 5001..6000");
  CHECK(merged.find("\n5001\n") < merged.find("\n1000\n"));
}

TEST_CASE("gen: repeat, cycle, words") {
  CHECK(output("repeat 'a b' 2") == "a b\na b\n");
  CHECK(output("cycle a,b : take 5") == "a\nb\na\nb\na\n");
  CHECK(output("words") == "");
  CHECK(output("words -- --x -y") == "--x\n-y\n");
}

TEST_CASE("gen: a child's lines, and how it ended") {
  CHECK(output("cmd printf 'a\\nb' : enumerate") == "0\ta\n1\tb\n");
  const Outcome failed = gen({"cmd", "sh", "-c", "echo one; exit 3"});
  CHECK(failed.code() == 1);
  CHECK(failed.out == "one\n");
  CHECK(failed.err.starts_with("mtask gen: cmd: 'sh"));
  CHECK(failed.err.find("3") != std::string::npos);
}

TEST_CASE("gen: tee writes what goes through, once the stream has ended well") {
  const TempDir directory;
  write_file(directory.path() / "out", "old");
  CHECK(output("range 1 3 : tee out", directory.path()) == "1\n2\n3\n");
  CHECK(read_file(directory.path() / "out") == "1\n2\n3\n");
  CHECK(output("range 1 9 : tee out : take 2", directory.path()) == "1\n2\n");
  CHECK(read_file(directory.path() / "out") == "1\n2\n");
  CHECK(gen(words_of("words 1 x : map 1//x : tee out"), "", directory.path()).code() == 1);
  CHECK(read_file(directory.path() / "out") == "1\n2\n");
}

TEST_CASE("gen: tee's file stays what it was when a stage after it fails or a signal comes") {
  const TempDir directory;
  write_file(directory.path() / "out", "old");
  CHECK(gen({"1..1000", ":", "tee", "out", ":", "map", "x==5 and error('x') or x"}, "", directory.path()).code() == 1);
  CHECK(read_file(directory.path() / "out") == "old");
  Background running(gen_command({"1..inf", ":", "tee", "out"}, "", directory.path()));
  while (running.out().empty() && running.running()) ::usleep(1000);
  ::kill(running.pid(), SIGTERM);
  CHECK(running.wait().code() == 143);
  CHECK(read_file(directory.path() / "out") == "old");
}

TEST_CASE("gen: tee to where standard output goes loses neither's lines") {
  const TempDir directory;
  const Outcome outcome =
      run({.argv = {"sh", "-c", "\"$0\" gen 1..3 : tee /dev/stdout : map 'x*10' > out", mtask_binary()},
           .env = {},
           .cwd = directory.path(),
           .input = {}});
  CHECK(outcome.code() == 0);
  CHECK(read_file(directory.path() / "out") == "1\n2\n3\n10\n20\n30\n");
}

TEST_CASE("gen: tee to a link that leads nowhere makes what it names") {
  const TempDir directory;
  REQUIRE(::symlink("there", (directory.path() / "link").c_str()) == 0);
  CHECK(output("1..3 : tee link", directory.path()) == "1\n2\n3\n");
  CHECK(read_file(directory.path() / "there") == "1\n2\n3\n");
}

TEST_CASE("gen: tee into a fifo reaches who reads it") {
  const TempDir directory;
  const Outcome outcome = run({.argv = {"sh", "-c",
                                        "mkfifo fifo; cat fifo > copy & \"$0\" gen 1..5000 : tee fifo > /dev/null; "
                                        "code=$?; wait; exit $code",
                                        mtask_binary()},
                               .env = {},
                               .cwd = directory.path(),
                               .input = {}});
  CHECK(outcome.code() == 0);
  CHECK(read_file(directory.path() / "copy") == output("1..5000"));
}

TEST_CASE("gen: a date is local where its zone shows") {
  const Outcome outcome = run({.argv = {mtask_binary(), "gen", "date", "2024-07-01", "2024-07-01", "--format", "%s %z"},
                               .env = {{"TZ", "CET-1CEST,M3.5.0,M10.5.0/3"}},
                               .cwd = {},
                               .input = {}});
  CHECK(outcome.out == "1719784800 +0200\n");
}

}  // namespace
