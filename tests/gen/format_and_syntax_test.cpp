// Templates for values, and the three ways to write a pipeline.
#include <catch2/catch.hpp>

#include "gen/support.hpp"
#include "gen/syntax/parser.hpp"
#include "gen/value_format.hpp"

namespace {

using namespace mtask;
using namespace mtask::gen;
using namespace mtask::test;

std::string formatted(std::string_view text) {
  Batch batch;
  batch.start_rows();
  batch.add_field("7", true);
  batch.add_field("x y", false);
  batch.end_row();
  const auto format = ValueFormat::parse_either(text);
  if (!format) return "refused";
  std::string out;
  const auto done = format->append(batch, 0, 3, ",", out);
  return done ? out : "failed";
}

TEST_CASE("templates name the value, its fields and its index") {
  CHECK(formatted("{}") == "7,x y");
  CHECK(formatted("{0}-{1}-{i}") == "7-x y-3");
  CHECK(formatted("{0:03d}|{1:>5}|{1:<5}|{0:.2f}") == "007|  x y|x y  |7.00");
  CHECK(formatted("{{}}") == "{}");
  CHECK(formatted("plain") == "plain");
  CHECK(formatted("{2}") == "failed");
  CHECK(formatted("{1:d}") == "failed");
  for (const char* const text : {"{", "}", "{a}", "{0:q}", "{-1}"}) CHECK(formatted(text) == "refused");
}

TEST_CASE("printf's directives") {
  CHECK(values_of("range 7 7 | format '%05d'") == std::vector<std::string>{"00007"});
  CHECK(values_of("range 7 7 | format '%-4d|'") == std::vector<std::string>{"7   |"});
  CHECK(values_of("range 1.5 1.5 | format '%06.2f%%'") == std::vector<std::string>{"001.50%"});
  CHECK(values_of("range 255 255 | format '%#x %%'") == std::vector<std::string>{"0xff %"});
  CHECK(values_of("words ab | format '[%5s]'") == std::vector<std::string>{"[   ab]"});
  CHECK(formatted("%d %d") == "refused");
  CHECK(formatted("%q") == "refused");
}

TEST_CASE("decimals keep their digits in a bare {}") {
  CHECK(values_of("range 0 0.5 0.5 | format '{:05}'") == std::vector<std::string>{"00000", "000.5"});
  CHECK(values_of("range 0 1 0.5 | format 'v{}'") == std::vector<std::string>{"v0.0", "v0.5", "v1.0"});
}

std::string shape(const Result<Pipeline>& pipeline) {
  if (!pipeline) return pipeline.error().context;
  std::string text;
  for (const StageNode& stage : *pipeline) {
    text += "(" + stage.name.text;
    for (const Word& word : stage.words) text += "," + word.text;
    text += ")";
  }
  return text;
}

TEST_CASE("arguments and one text make the same tree") {
  const std::vector<std::string> arguments = {"range", "1", "10", ":", "map", "x .. 'a'", ":", "take", "3"};
  CHECK(shape(parse_arguments(arguments)) == "(range,1,10)(map,x .. 'a')(take,3)");
  CHECK(shape(parse_text("range 1 10 | map \"x .. 'a'\" | take 3")) == shape(parse_arguments(arguments)));
  CHECK(shape(parse_text("range 1 10|map \"x .. 'a'\":  : take 3")) != shape(parse_arguments(arguments)));
  CHECK(shape(parse_text("range 1 10 : map x\\ ..\\ \\'a\\' : take 3")) == shape(parse_arguments(arguments)));
}

TEST_CASE("quotes as a shell has them") {
  CHECK(shape(parse_text("words 'a|b' \"c \\\" d\" e'f'g ''")) == "(words,a|b,c \" d,efg,)");
}

TEST_CASE("a place is shown by a caret, beneath letters of any width in bytes") {
  CHECK(shape(parse_text("words \xc3\xa9 \"x")) == "this quote is never closed\n  words \xc3\xa9 \"x\n          ^");
  CHECK(shape(parse_text("a | | b")) == "a stage is missing here\n  a | | b\n      ^");
  CHECK(shape(parse_text("")) == "a stage is missing here\n  \n  ^");
}

}  // namespace
