#include "pool/pattern.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

using mtask::pool::Pattern;
using mtask::pool::PatternOptions;
using mtask::pool::Scanner;

namespace {

// What the first match covers, in brackets.
std::string marked(std::string_view pattern, std::string_view subject, PatternOptions options = {}) {
  const auto compiled = Pattern::compile(pattern, options);
  if (!compiled) return compiled.error().message();
  Scanner scanner(*compiled, subject);
  const auto match = scanner.search(0);
  if (!match) return "none";
  return std::string(subject.substr(0, match->begin)) + "[" +
         std::string(subject.substr(match->begin, match->end - match->begin)) + "]" +
         std::string(subject.substr(match->end));
}

}  // namespace

TEST_CASE("a pattern finds the leftmost match, preferring what it names first") {
  CHECK(marked("a|ab", "xabc") == "x[a]bc");
  CHECK(marked("ab|a", "xabc") == "x[ab]c");
  CHECK(marked("a*", "aab") == "[aa]b");
  CHECK(marked("a+?", "aab") == "[a]ab");
  CHECK(marked("(a|b)+c", "xabac") == "x[abac]");
  CHECK(marked("a{2,3}", "aaaa") == "[aaa]a");
  CHECK(marked("a{2}b", "aaab") == "a[aab]");
  CHECK(marked("", "ab") == "[]ab");
  CHECK(marked("x", "ab") == "none");
}

TEST_CASE("a pattern knows classes, escapes and assertions") {
  CHECK(marked("[b-d]+", "abcde") == "a[bcd]e");
  CHECK(marked("[^a-c]", "abcd") == "abc[d]");
  CHECK(marked("[]x]", "a]") == "a[]]");
  CHECK(marked("[a-]", "x-") == "x[-]");
  CHECK(marked("[[:digit:]_]+", "a1_2b") == "a[1_2]b");
  CHECK(marked("[\\d\\t]+", "a1\t2") == "a[1\t2]");
  CHECK(marked("\\s+", "a \t\nb") == "a[ \t\n]b");
  CHECK(marked("\\x41\\.", "xA.") == "x[A.]");
  CHECK(marked(".", "\nx") == "\n[x]");
  CHECK(marked("\\bb", "ab b") == "ab [b]");
  CHECK(marked("a(?=b)", "acab") == "ac[a]b");
  CHECK(marked("a(?!c)", "acab") == "ac[a]b");
  CHECK(marked("(?=a*b)a", "aab") == "[a]ab");
  CHECK(marked("^b", "a\nb") == "none");
  CHECK(marked("^b", "a\nb", {.multiline = true}) == "a\n[b]");
  CHECK(marked("(.)\\1", "abb") == "a[bb]");
  CHECK(marked("(?<=a)b", "bab") == "ba[b]");
  CHECK(marked("a$", "a\nb", {.multiline = true}) == "[a]\nb");
  CHECK(marked("a*", "ba", {.to_end = true}) == "b[a]");
  CHECK(marked("a+", "aaa", {.lazy = true}) == "[a]aa");
  CHECK(marked("[\x80-\xff]+", "a\xc3\xa9") == "a[\xc3\xa9]");
}

TEST_CASE("a wrong pattern is refused and shown") {
  for (const char* wrong : {"(", ")", "[a", "a**", "*", "\\", "\\1", "[z-a]", "a{2,1}", "(?<x", "(*UTF)a"}) {
    INFO(wrong);
    const auto compiled = Pattern::compile(wrong);
    REQUIRE_FALSE(compiled);
    CHECK(compiled.error().kind == mtask::ErrorKind::kUsage);
    CHECK(compiled.error().message().find("wrong regular expression '") == 0);
  }
  CHECK_FALSE(Pattern::compile(std::string(1000, '(') + std::string(1000, ')')));
  CHECK_FALSE(Pattern::compile("((((a{99}){99}){99}){99}){99}"));
}

TEST_CASE("a search from the end finds the match that begins last") {
  const auto compiled = Pattern::compile("ab*");
  REQUIRE(compiled);
  Scanner scanner(*compiled, "abxabbx");
  const auto last = scanner.search_back(7);
  REQUIRE(last);
  CHECK(last->begin == 3);
  CHECK(last->end == 6);
  const auto before = scanner.search_back(2);
  REQUIRE(before);
  CHECK(before->begin == 0);
  CHECK_FALSE(scanner.search(4));
  CHECK_FALSE(scanner.match_at(2));
  CHECK_FALSE(scanner.search(8));  // past the subject
}

TEST_CASE("of a pair of patterns the place between them is told") {
  const auto pair = Pattern::compile_pair("(x)\\1|;", "a|b", false);
  REQUIRE(pair);
  const auto found = Scanner(*pair, "a;xxb").search(0);
  REQUIRE(found);
  CHECK(found->begin == 2);
  CHECK(found->middle == 4);
  CHECK(found->end == 5);
  const auto seen = Pattern::compile_pair(";", "a", true);
  REQUIRE(seen);
  CHECK(Scanner(*seen, ";a").search(0)->end == 1);
  CHECK_FALSE(Pattern::compile_pair("(", ")", false));
}

TEST_CASE("long subjects are no trouble, and what takes exponential time is given up with a word") {
  const std::string subject(100'000, 'a');
  CHECK(marked("(a|b)*", subject) == "[" + subject + "]");
  CHECK(marked(".*", subject) == "[" + subject + "]");
  const auto endless = Pattern::compile("(a*)*[bc]");
  REQUIRE(endless);
  const std::string many(200, 'a');
  Scanner scanner(*endless, many);
  CHECK_THROWS_AS(scanner.search(0), mtask::pool::PatternLimit);
  const mtask::Result<int> told = mtask::pool::within_pattern_limits(
      [&]() -> mtask::Result<int> { return static_cast<int>(scanner.search(0)->begin); });
  REQUIRE_FALSE(told);
  CHECK(told.error().message() == "cannot match the regular expression '(a*)*[bc]': match limit exceeded");
}
