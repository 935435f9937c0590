// How `mtask gen` writes values, and what it does when nobody wants them any more.
#include <signal.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "support/files.hpp"
#include "support/gen_command.hpp"
#include "support/places.hpp"
#include "support/pool_command.hpp"
#include "support/temp_dir.hpp"

namespace {

using namespace mtask::test;
using namespace std::chrono_literals;

std::string output(const std::string& line) {
  const Outcome outcome = gen(words_of(line));
  INFO(outcome.text());
  CHECK(outcome.code() == 0);
  return outcome.out;
}

TEST_CASE("gen: separators") {
  CHECK(output("range 1 3 -s ,") == "1,2,3\n");
  CHECK(output("-s ', ' words a b") == "a, b\n");
  CHECK(output("range 1 2 -0") == std::string("1\0002\000", 4));
  CHECK(output("product 1..2 a -F :") == "1:a\n2:a\n");
}

TEST_CASE("gen: of two options that say the same thing differently, the later one counts") {
  CHECK(output("1..2 -0 -s ,") == "1,2\n");
  CHECK(output("1..2 -s , -0") == std::string("1\0002\000", 4));
  CHECK(output("9..10 -w -f %.1f") == "9.0\n10.0\n");
  CHECK(output("9..10 -f %.1f -w") == "09\n10\n");
}

TEST_CASE("gen: numbers of equal width, as seq -w") {
  CHECK(gen({"-w3", "1..2"}).out == "001\n002\n");
  CHECK(gen({"-w3", "1..2"}).out == gen({"--width=3", "1..2"}).out);
  CHECK(output("range 8 11 -w") == "08\n09\n10\n11\n");
  CHECK(output("range -1 10 5 --width") == "-1\n04\n09\n");
  CHECK(output("range 1 2 0.5 --width=5") == "001.0\n001.5\n002.0\n");
}

TEST_CASE("gen: --width without a number is refused where the widest value is not known") {
  CHECK(gen({"-w", "1,1000,3"}).code() == 2);
  CHECK(gen({"-w", "product", "1,2", "3,4"}).code() == 2);
  const Outcome outcome = gen(words_of("range 1 inf -w"));
  CHECK(outcome.code() == 2);
  CHECK(outcome.err.find("--width=N") != std::string::npos);
}

TEST_CASE("gen: --format takes both kinds of template") {
  CHECK(output("range 1 2 --format 'n{:03d}'") == "n001\nn002\n");
  CHECK(output("range 1 2 -f %05.1f") == "001.0\n002.0\n");
}

TEST_CASE("gen: whole numbers of any size by a template") {
  const std::string number = "173402521172797813159685037284371942044301";
  const auto formatted = [](const std::string& form) {
    return gen({"fib", "200", ":", "skip", "199", ":", "format", form});
  };
  CHECK(formatted("%d").out == number + "\n");
  CHECK(formatted("%+d").out == "+" + number + "\n");
  CHECK(formatted("%045d").out == "000" + number + "\n");
  CHECK(formatted("%45d").out == "   " + number + "\n");
  CHECK(formatted("{:*<45d}").out == number + "***\n");
  CHECK(formatted("%x").err == "mtask gen: format: '" + number + "' is beyond 64 bits, which '%x' does not take\n");
}

TEST_CASE("gen: whole numbers of any size stand beside texts") {
  const std::string number = "218922995834555169026";
  CHECK(output("chain 'fib 100 | skip 99' 'words a' 1..1") == number + "\na\n1\n");
  CHECK(gen({"chain", "fib 100 | skip 99", "words a", ":", "map", "x..'b'"}).out == number + "b\nab\n");
  CHECK(output("chain 'words a' 'fib 100 | skip 99' : sort") == number + "\na\n");
}

TEST_CASE("gen: plain arithmetic does not wrap around at 64 bits") {
  CHECK(output("words 9223372036854775807 9223372036854775808 -9223372036854775808 3 : map x+1") ==
        "9223372036854775808\n9223372036854775809\n-9223372036854775807\n4\n");
  CHECK(output("primes --min 3037000500 : take 2 : map x*x") == "9223372079518257049\n9223372261738288369\n");
  CHECK(output("fib 95 : reduce a+x") == output("fib 95 : sum"));
  CHECK(output("range 1 21 : reduce a*x") == "51090942171709440000\n");
  CHECK(output("range 1 25 : reduce --init 1 a*x%1000000007") == "440732388\n");
  CHECK(output("words 4294967296 : map 'x*x//4294967296, -x*x*x'") == "4294967296\t-79228162514264337593543950336\n");
  CHECK(output("words 4294967296 5 : filter x*x>18446744073709551615") == "4294967296\n");
  CHECK(output("words 4294967296 5 : map x*x==25") == "false\ntrue\n");
  CHECK(output("words 9223372036854775807 : map (x+0)/2") == "4611686018427387904\n");
  CHECK(gen({"words", "twenty characters at least", ":", "map", "x+1"}).err.find("arithmetic on a string value") !=
        std::string::npos);
}

TEST_CASE("gen: --format names itself where it does not fit") {
  CHECK(gen({"-f", "%d", "words", "a"}).err == "mtask gen: --format: 'a' is not a whole number, as '%d' needs\n");
  CHECK(gen({"-f", "%d %d", "1..3"}).err == "mtask gen: --format '%d %d' has more than one % directive\n");
}

TEST_CASE("gen: values as JSON") {
  CHECK(output("range 1 2 0.5 --json") == "1.0\n1.5\n2.0\n");
  CHECK(output("product 1..2 x --json") == "[1,\"x\"]\n[2,\"x\"]\n");
  CHECK(gen({"-", "--json"}, "say \"hi\"\nb\xff\n").out == "\"say \\\"hi\\\"\"\n\"b\xef\xbf\xbd\"\n");
}

TEST_CASE("gen: bytes of lines stay what they are") {
  const std::string bytes = "caf\xe9\n\x01\x02\n\n last";
  CHECK(gen({"-"}, bytes).out == bytes + "\n");
  CHECK(gen({"lines", "-0", ":", "enumerate", "-0"}, std::string("a\nb\0c", 5)).out == std::string("0\ta\nb\0"
                                                                                                   "1\tc\0",
                                                                                                   10));
}

TEST_CASE("gen: an expression may begin with a minus, and options follow it") {
  CHECK(output("range 1 2 : map -x -0") == std::string("-1\000-2\000", 6));
  CHECK(output("iterate 1 -x*3 : take 3 -s ,") == "1,-3,9\n");
}

TEST_CASE("gen: exact decimals") {
  CHECK(output("range 0 1 0.1") == "0.0\n0.1\n0.2\n0.3\n0.4\n0.5\n0.6\n0.7\n0.8\n0.9\n1.0\n");
  CHECK(output("range 0 0.95 0.3") == "0.0\n0.3\n0.6\n0.9\n");
  CHECK(output("range -0.1 0.1 0.05") == "-0.10\n-0.05\n0.00\n0.05\n0.10\n");
  CHECK(output("range 3 1 -1") == "3\n2\n1\n");
  CHECK(output("range 1e3 1e3") == "1000\n");
}

TEST_CASE("gen: long ranges are seq's") {
  for (const char* const range : {"1 123457", "9998 20003", "-12345 12345", "99990 100020"}) {
    const std::string first_last = range;
    const Outcome seq = run({.argv = {"sh", "-c", "seq " + first_last}, .env = {}, .cwd = {}, .input = {}});
    CHECK(output("range " + first_last) == seq.out);
  }
}

TEST_CASE("gen: a reader who leaves ends an endless source without a word") {
  for (const char* const pipeline : {"range 1 inf", "fib", "range 1 inf : map x*2", "cmd yes"}) {
    INFO(pipeline);
    const Outcome outcome =
        run({.argv = {"bash", "-c", "set -o pipefail; \"$0\" gen " + std::string(pipeline) + " | head -n 1",
                      mtask_binary()},
             .env = {},
             .cwd = {},
             .input = {}});
    CHECK(outcome.code() == 0);
    CHECK(outcome.err.empty());
  }
}

TEST_CASE("gen: a reader who leaves while nothing is to be written is noticed, and children end") {
  const std::string mark = own_mark("1000");
  const Outcome outcome = run({.argv = {"bash", "-c", "\"$0\" gen cmd sleep " + mark + " | true", mtask_binary()},
                               .env = {},
                               .cwd = {},
                               .input = {}});
  CHECK(outcome.code() == 0);
  CHECK(none_left_with(mark, 10s));
}

TEST_CASE("gen: --strict-pipe tells that the reader left") {
  const Outcome outcome =
      run({.argv = {"bash", "-c", "\"$0\" gen --strict-pipe range 1 inf | head -n 1; exit ${PIPESTATUS[0]}",
                    mtask_binary()},
           .env = {},
           .cwd = {},
           .input = {}});
  CHECK(outcome.code() == 141);
}

TEST_CASE("gen: a signal ends it with its children, and the exit status names it") {
  const std::string mark = own_mark("1001");
  Background running(gen_command({"merge", "tick 1ms", "cmd sleep " + mark}));
  while (running.out().find('\n') == std::string::npos && running.running()) ::usleep(1000);
  ::kill(running.pid(), SIGTERM);
  const Outcome outcome = running.wait();
  CHECK(outcome.code() == 143);
  CHECK(none_left_with(mark, 10s));
}

TEST_CASE("gen: a signal ends an expression that never does") {
  for (const char* const stage : {"map", "filter"}) {
    Background running(gen_command({"tick", "1ms", ":", stage, "(function() while x>0 do end return true end)()"}));
    while (running.out().empty() && running.running()) ::usleep(1000);
    ::kill(running.pid(), SIGINT);
    CHECK(running.wait().code() == 130);
  }
}

TEST_CASE("gen: values that are long in coming are not held back") {
  const std::string slow = "(function() for k=1,1e7 do end return x end)()";
  Background running(gen_command({"1..inf", ":", "map", slow}));
  while (running.out().find("2\n") == std::string::npos && running.running()) ::usleep(1000);
  CHECK(running.running());
  CHECK(running.out().size() < 100);
  ::kill(running.pid(), SIGTERM);
  CHECK(running.wait().code() == 143);
}

TEST_CASE("gen: a full disk is an error") {
  const Outcome outcome = run(
      {.argv = {"bash", "-c", "\"$0\" gen range 1 10 > /dev/full", mtask_binary()}, .env = {}, .cwd = {}, .input = {}});
  CHECK(outcome.code() == 3);
  CHECK(outcome.err == "mtask gen: cannot write to standard output: No space left on device\n");
}

}  // namespace
