// What expressions may do, and what they say when they fail.
#include <catch2/catch.hpp>

#include "gen/support.hpp"

namespace {

using namespace mtask::test;
using Values = std::vector<std::string>;

TEST_CASE("expressions have no way to files, programs and the loading of code") {
  for (const char* const name :
       {"io", "os", "require", "load", "loadfile", "dofile", "loadstring", "package", "debug", "print",
        "collectgarbage", "string.dump", "getmetatable", "setmetatable", "rawset", "coroutine"}) {
    INFO(name);
    CHECK(values_of("words 1 | map 'tostring(" + std::string(name) + ")'") == Values{"nil"});
  }
}

TEST_CASE("a text that is a number's is one, any other stays a text") {
  CHECK(values_of("words 7 007 -2.5 x | map type(x)") == Values{"number", "string", "number", "string"});
  CHECK(values_of("words 007 | map x") == Values{"007"});
  CHECK(values_of("words 10 9 008 | filter 'x < 10'") == Values{"9", "008"});
}

TEST_CASE("fields, index and helpers") {
  CHECK(values_of("product 1..2 a,b | map 'f[2] .. f[1]'") == Values{"a1", "b1", "a2", "b2"});
  CHECK(values_of("words a b c | filter 'i ~= 1'") == Values{"a", "c"});
}

TEST_CASE("an index counts over all batches") {
  CHECK(values_of("range 5 2000 | filter 'i % 1000 == 999'") == Values{"1004"});
  CHECK(values_of("range 5 2000 | map 'x - i' | uniq") == Values{"5"});
}

TEST_CASE("helpers take tables and arguments") {
  CHECK(values_of("range 1 4 | batch 4 | map 'mean(x), sum(x), min(x), max(x), len(x)'") == Values{"2.5 10 1 4 4"});
  CHECK(values_of("words \xc3\xa9t\xc3\xa9 | map 'len(x)'") == Values{"3"});
  CHECK(values_of("words 3 | map 'max(x, 7, 5)'") == Values{"7"});
}

TEST_CASE("what an expression gives becomes a value of its kind") {
  CHECK(values_of("range 1 3 | map x/2") == Values{"0.5", "1", "1.5"});
  CHECK(values_of("range 1 2 | map 'x, x*x'") == Values{"1 1", "2 4"});
  CHECK(values_of("range 1 3 | map 'x == 2'") == Values{"false", "true", "false"});
  CHECK(values_of("range 1 3 | flatmap '{x, -x}'") == Values{"1", "-1", "2", "-2", "3", "-3"});
  CHECK(values_of("range 1 3 | flatmap '{}'").empty());
}

TEST_CASE("iterate and its numbers know no largest one") {
  CHECK(values_of("iterate 1 x*2 | nth 100") == Values{"1267650600228229401496703205376"});
  CHECK(values_of("iterate 27 'x%2==0 and x//2 or 3*x+1' | until 'x==1' | count") == Values{"111"});
  CHECK(values_of("iterate 1 '-x*3' | take 4") == Values{"1", "-3", "9", "-27"});
  CHECK(values_of("iterate 2 x^10 | nth 2") == Values{"1267650600228229401496703205376"});
  CHECK(values_of("iterate a 'x .. 1' | take 3") == Values{"a", "a1", "a11"});
}

TEST_CASE("numbers beyond 64 bits stay exact") {
  CHECK(values_of("fib 100 | filter 'x%2==0' | count") == Values{"34"});
  CHECK(values_of("fib 101 | map x | nth 100") == Values{"354224848179261915075"});
  CHECK(values_of("fib 100 | sum") == Values{"573147844013817084100"});
}

TEST_CASE("infinities and what is no number go through sums and extremes") {
  CHECK(values_of("range 0 2 | map 1/x | sum") == Values{"inf"});
  CHECK(values_of("range 0 3 | map x/x | max") == values_of("range 3 0 -1 | map x/x | max"));
}

TEST_CASE("an error names stage, value and number, after what came before") {
  const Pulled pulled_values = pulled("range 1 5 | map '12 // (x - 3)'");
  CHECK(pulled_values.values == Values{"-6", "-12"});
  CHECK(pulled_values.error == "map: value '3' (number 2): attempt to divide by zero");
  CHECK(pulled("range 7 9 | map 'x // 0'").error == "map: value '7' (number 0): attempt to divide by zero");
  const Pulled nil = pulled("range 1 5 | filter 'x.y.z'");
  CHECK(nil.error.starts_with("filter: value '1' (number 0): attempt to index"));
}

TEST_CASE("an expression that is none is refused, and so are several where one is needed") {
  CHECK(pulled("range 1 3 | filter x+").error.starts_with("filter: 'x+' is no Lua expression"));
  CHECK(pulled("range 1 3 | filter 'x, 1'").error.starts_with("filter: 'x, 1' is no Lua expression"));
  CHECK(pulled("range 1 3 | map 'x) (1'").error.starts_with("map: 'x) (1' is no Lua expression"));
  CHECK(pulled("range 1 3 | map 'local y = 1'").error.starts_with("map: 'local y = 1' is no Lua expression"));
}

TEST_CASE("reduce begins with the first value, or with what it is given") {
  CHECK(values_of("range 1 5 | reduce a*x") == Values{"120"});
  CHECK(values_of("words b c | reduce 'a .. x' --init a") == Values{"abc"});
  CHECK(pulled("words | reduce a+x").error == "reduce: there is no value to begin with; --init gives one");
}

}  // namespace
