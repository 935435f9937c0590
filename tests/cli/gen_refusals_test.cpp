// Bad input to `mtask gen`: each is one clear line, with a caret where a word is to blame, and the right exit status.
#include <algorithm>
#include <catch2/catch.hpp>

#include "support/gen_command.hpp"

namespace {

using namespace mtask::test;

// What was said in the first line, after the name of the command.
struct Refusal {
  int code = 0;
  std::string out;
  std::string message;
  std::string rest;
};

Refusal refusal(std::vector<std::string> arguments) {
  const Outcome outcome = gen(std::move(arguments));
  INFO(outcome.text());
  REQUIRE(outcome.err.starts_with("mtask gen: "));
  const std::size_t end = outcome.err.find('\n');
  return {outcome.code(), outcome.out, outcome.err.substr(11, end - 11), outcome.err.substr(end + 1)};
}

void check_usage(const std::string& line, const std::string& message, const std::string& rest) {
  const Refusal refused = refusal(words_of(line));
  INFO(line);
  CHECK(refused.code == 2);
  CHECK(refused.out.empty());
  CHECK(refused.message == message);
  CHECK(refused.rest == rest);
}

void check_failure(const std::string& line, const std::string& before, const std::string& message) {
  const Refusal refused = refusal(words_of(line));
  INFO(line);
  CHECK(refused.code == 1);
  CHECK(refused.out == before);
  CHECK(refused.message == message);
  CHECK(refused.rest.empty());
}

TEST_CASE("gen refuses ranges that are none") {
  check_usage("range 5 1",
              "range: '1' lies on the other side of the first value, so the range is empty; write a step of the other "
              "sign, or --allow-empty",
              "  range 5 1\n          ^\n");
  check_usage("range 1 10 0", "range: '0' is no step: the range would not move", "  range 1 10 0\n             ^\n");
  check_usage("range 1 9223372036854775808", "range: '9223372036854775808' is out of range",
              "  range 1 9223372036854775808\n          ^~~~~~~~~~~~~~~~~~~\n");
  check_usage("range -9223372036854775809 0", "range: '-9223372036854775809' is out of range",
              "  range -9223372036854775809 0\n        ^~~~~~~~~~~~~~~~~~~~\n");
  check_usage("range nan 3", "range: 'nan' is not a number", "  range nan 3\n        ^~~\n");
  check_usage("range 1 inf -1", "range: 'inf' is never come nearer to by this step",
              "  range 1 inf -1\n          ^~~\n");
}

TEST_CASE("an empty range is none to complain of where that is asked for") {
  const Outcome outcome = gen(words_of("range 5 1 --allow-empty"));
  CHECK(outcome.code() == 0);
  CHECK(outcome.text().find("other side") == std::string::npos);
  CHECK(outcome.out.empty());
}

TEST_CASE("gen: a range that passes the last number writes all before it") {
  check_failure("range 9223372036854775806 inf", "9223372036854775806\n9223372036854775807\n",
                "range: the next value is beyond -9223372036854775808 to 9223372036854775807");
  check_failure("range -9223372036854775807 -inf -1", "-9223372036854775807\n-9223372036854775808\n",
                "range: the next value is beyond -9223372036854775808 to 9223372036854775807");
}

TEST_CASE("gen refuses words that a stage cannot take") {
  check_usage("range 1 3 : take -1", "take: '-1' must be at least 0", "  range 1 3 : take -1\n                   ^~\n");
  check_usage("range 1 3 : take 1.5", "take: '1.5' is not a whole number",
              "  range 1 3 : take 1.5\n                   ^~~\n");
  check_usage("range 1 3 : take", "take: an operand is missing: take N", "  range 1 3 : take\n              ^~~~\n");
  check_usage("range 1 3 : shard 4/3", "shard: '4/3' is no part: K is from 1 to N",
              "  range 1 3 : shard 4/3\n                    ^~~\n");
  check_usage("range 1 3 : sort --revers", "sort: '--revers' is no option of it; did you mean '--reverse'?",
              "  range 1 3 : sort --revers\n                   ^~~~~~~~\n");
  check_usage("range 1 inf : shuffle",
              "shuffle: what comes before it has no end, or more values than can be counted in 63 bits",
              "  range 1 inf : shuffle\n                ^~~~~~~\n");
}

TEST_CASE("gen refuses what is no stage, and suggests one") {
  CHECK(refusal({"range 1 3", ":", "count"}).message ==
        "unknown stage 'range 1 3'; its words stand apart, without quotes around all of them, or the whole pipeline "
        "follows -e");
  check_usage("rnge 1 3", "unknown stage 'rnge'; did you mean 'range'?", "  rnge 1 3\n  ^~~~\n");
  check_usage("range 1 3 : tak 2", "unknown stage 'tak'; did you mean 'take'?",
              "  range 1 3 : tak 2\n              ^~~\n");
  check_usage("merge 'tikc 1s'", "unknown stage 'tikc'; did you mean 'tick'?", "  tikc 1s\n  ^~~~\n");
  check_usage("take 3", "'take' needs a source before it", "  take 3\n  ^~~~\n");
  check_usage(": take 3", "a stage is missing here", "  : take 3\n  ^\n");
  check_usage("range 1 3 :", "a stage is missing here", "  range 1 3 :\n             ^\n");
}

TEST_CASE("gen: what stands for a whole stage takes no words") {
  for (const std::string name : {"1..3", "@file", "a,b", "-"}) {
    const Outcome outcome = gen({name, "4"});
    CHECK(outcome.code() == 2);
    CHECK(outcome.err.starts_with("mtask gen: '4' is too many: '" + name + "' is a whole stage"));
  }
}

TEST_CASE("gen refuses a quote that is never closed") {
  const Refusal refused = refusal({"-e", "lines \"x | take 3"});
  CHECK(refused.code == 2);
  CHECK(refused.message == "this quote is never closed");
  CHECK(refused.rest == "  lines \"x | take 3\n        ^\n");
}

TEST_CASE("gen names what is no expression") {
  CHECK(refusal({"range", "3", ":", "filter", " "}).message == "filter: ' ' is empty");
  check_failure("range 3 : filter y>1", "", "filter: value '1' (number 0): there is no 'y'");
  check_failure("iterate 1 y", "1\n", "iterate: value '1' (number 0): there is no 'y'");
  check_usage("range 1 3 : map x+", "map: 'x+' is no Lua expression: unexpected symbol near <eof>",
              "  range 1 3 : map x+\n                  ^~\n");
}

TEST_CASE("an expression that fails names stage and value, after the values before it") {
  check_failure("words 4 2 x 1 : map 8//x", "2\n4\n",
                "map: value 'x' (number 2): attempt to idiv a 'number' with a 'string'");
  check_failure("range 1 3 : map nil", "", "map: value '1' (number 0): gave nil");
}

TEST_CASE("gen: what was made before an expression failed comes out, texts too") {
  check_failure("words a b c : map 'i==2 and error(\"no\") or x'", "a\nb\n", "map: value 'c' (number 2): no");
  check_failure("words a b c : map 'i==2 and {{}} or x'", "a\nb\n",
                "map: value 'c' (number 2): gave a table as element 1 of a table");
}

TEST_CASE("gen: an expression that calls itself for ever fails") {
  check_failure("1..2 : map '(function() local function f() return 1+f() end return f() end)()'", "",
                "map: value '1' (number 0): stack overflow");
}

TEST_CASE("gen: expressions see their own names alone, and give no half fields") {
  CHECK(refusal({"1..3", ":", "map", "..."}).code == 2);
  CHECK(refusal(words_of("1..3 : map n")).message == "map: value '1' (number 0): there is no 'n'");
  CHECK(refusal(words_of("1..3 : map 'x, nil'")).message == "map: value '1' (number 0): gave nil as field 2");
  CHECK(refusal(words_of("1..3 : map {a=1}")).message ==
        "map: value '1' (number 0): gave a table that has no elements 1, 2, ...");
  CHECK(gen({"1..3", ":", "filter", "(function() __k = 1000000 end)() or true"}).out.size() <= 6);
}

TEST_CASE("gen: options of a stage are given once, and a colon between stages stands alone") {
  CHECK(refusal(words_of("csv a --column b --column c")).message == "csv: '--column' is given twice");
  CHECK(refusal(words_of("range 1 3 :take 2")).message ==
        "range: '2' is one operand too many; a ':' between stages stands alone");
  CHECK(refusal(words_of("head 3")).message == "unknown stage 'head'; that is 'take' here");
}

TEST_CASE("gen: a template's width has bounds") {
  check_usage("range 3 : format {:>65536}",
              "format: '{:>65536}' is no template: '{:>65536}': no width goes beyond 65535",
              "  range 3 : format '{:>65536}'\n                   ^~~~~~~~~~~\n");
  CHECK(refusal(words_of("range 3 : format %.99999999999f")).code == 2);
  CHECK(gen(words_of("range 1 : format {:>65535}")).out.size() == 65'536);
}

TEST_CASE("gen: iterate tells the value that leads nowhere") {
  check_failure("iterate 7 {{}}", "7\n", "iterate: value '7' (number 0): gave a table as element 1 of a table");
  check_failure("iterate 7 'x<9 and x+1 or nil'", "7\n8\n9\n", "iterate: value '9' (number 2): gave nil");
}

TEST_CASE("gen refuses to take all of what has no end") {
  const std::string why = ": what comes before it has no end, or more values than can be counted in 63 bits";
  for (const std::string stage : {"count", "sum", "min", "max", "sort", "shuffle"}) {
    check_usage("1..inf : " + stage, stage + why,
                "  1..inf : " + stage + "\n           " + "^" + std::string(stage.size() - 1, '~') + "\n");
  }
  CHECK(refusal(words_of("perms 1..30 : reduce a+x")).message == "reduce" + why);
  CHECK(refusal(words_of("1..inf : sample 3")).message == "sample" + why);
}

TEST_CASE("gen: what can be counted without looking is") {
  CHECK(gen(words_of("product 1..1e6 1..1e6 1..1e6 : count")).out == "1000000000000000000\n");
  CHECK(gen(words_of("range 1 1e15 : shard 2/3 : skip 4 : count")).out == "333333333333329\n");
}

TEST_CASE("gen: a sample that memory does not hold is refused") {
  check_failure("range 1e6 : map x : sample 1e6 --memory 1M", "",
                "sample: the chosen values need more than 1.0 MiB; see --memory, or take from a shuffle");
}

TEST_CASE("gen: a sample of what has numbers is taken by these") {
  const std::string some = gen(words_of("range 1e15 : sample 4 --seed 1")).out;
  CHECK(std::count(some.begin(), some.end(), '\n') == 4);
  CHECK(some == gen(words_of("range 1e15 : sample 4 --seed 1")).out);
  CHECK(gen(words_of("range 5 : sample 9")).out == "1\n2\n3\n4\n5\n");
  CHECK(refusal(words_of("range 1e15 : sample 1e6 --memory 1M")).code == 1);
}

TEST_CASE("gen: sources that cannot begin are named") {
  check_failure("cmd /nonexistent/program", "", "cmd: cannot run '/nonexistent/program': No such file or directory");
  check_failure("tcp 127.0.0.1:1", "", "tcp: cannot connect to '127.0.0.1:1': Connection refused");
  check_failure("lines /nonexistent/file", "", "lines: cannot open '/nonexistent/file': No such file or directory");
}

TEST_CASE("gen: a failure comes after all that was there before it") {
  check_failure("chain 1..3 'lines /nonexistent/file' 4..5", "1\n2\n3\n",
                "lines: cannot open '/nonexistent/file': No such file or directory");
}

TEST_CASE("gen: with --keep-going the others go on, and the exit status tells") {
  const Refusal refused = refusal(words_of("--keep-going chain 1..3 'lines /nonexistent/file' 4..5"));
  CHECK(refused.code == 1);
  CHECK(refused.out == "1\n2\n3\n4\n5\n");
  CHECK(refused.message == "lines: cannot open '/nonexistent/file': No such file or directory");
}

TEST_CASE("gen without a pipeline says what is missing") {
  CHECK(refusal({}).code == 2);
  CHECK(refusal({"-e", "range 1 3", "range", "1", "3"}).code == 2);
}

}  // namespace
