#include "pool/pattern.hpp"

#include <catch2/catch.hpp>
#include <random>
#include <regex>
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

// A pattern of the letters a and b that may nest and repeat. What is inside a group is never empty: there engines
// differ.
std::string random_pattern(std::mt19937& random, int depth, bool inside = false) {
  const auto pick = [&](int below) { return std::uniform_int_distribution<int>(0, below - 1)(random); };
  std::string out;
  for (int i = pick(3) + 1; i > 0; --i) {
    switch (depth > 0 ? pick(6) : pick(4)) {
      case 0:
        out += 'a';
        break;
      case 1:
        out += 'b';
        break;
      case 2:
        out += '.';
        break;
      case 3:
        out += "[^a]";
        break;
      case 4:
        out += "(?:" + random_pattern(random, depth - 1, true) + "|" + random_pattern(random, depth - 1, true) + ")";
        break;
      default:
        out += "(?:" + random_pattern(random, depth - 1, true) + ")";
    }
    const char* const quantifiers[] = {"", "", "", "+", "+?", "{2}", "{1,2}", "{2,}", "*", "?", "*?", "??", "{0,2}?"};
    out += quantifiers[pick(inside ? 8 : 13)];
  }
  return out;
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
  CHECK(marked("a{,2}", "xa{,2}") == "x[a{,2}]");
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
  CHECK(marked("a$", "a\nb", {.multiline = true}) == "[a]\nb");
  CHECK(marked("a*", "ba", {.to_end = true}) == "b[a]");
  CHECK(marked("a+", "aaa", {.lazy = true}) == "[a]aa");
  CHECK(marked("[\x80-\xff]+", "a\xc3\xa9") == "a[\xc3\xa9]");
}

TEST_CASE("a wrong pattern is refused and shown") {
  for (const char* wrong :
       {"(", ")", "[a", "a**", "*", "\\", "(?<x>a)", "\\1", "[z-a]", "a{2,1}", "a{9999}", "\\xg1"}) {
    INFO(wrong);
    const auto compiled = Pattern::compile(wrong);
    REQUIRE_FALSE(compiled);
    CHECK(compiled.error().kind == mtask::ErrorKind::kUsage);
    CHECK(compiled.error().message().find("wrong regular expression '") == 0);
  }
  CHECK_FALSE(Pattern::compile(std::string(1000, '(') + std::string(1000, ')')));
  CHECK_FALSE(Pattern::compile("((((a{99}){99}){99}){99}){99}"));
}

TEST_CASE("patterns agree with ECMAScript's on short subjects") {
  std::mt19937 random(7);
  for (int round = 0; round < 3000; ++round) {
    const std::string pattern = random_pattern(random, 2);
    const std::regex reference(pattern);
    const auto compiled = Pattern::compile(pattern);
    REQUIRE(compiled);
    std::string subject(std::uniform_int_distribution<std::size_t>(0, 8)(random), 'a');
    for (char& c : subject) c = "ab"[random() % 2];
    INFO(pattern << " on " << subject);
    std::smatch expected;
    const bool found = std::regex_search(subject, expected, reference);
    Scanner scanner(*compiled, subject);
    const auto match = scanner.search(0);
    REQUIRE(match.has_value() == found);
    if (!found) continue;
    CHECK(match->begin == static_cast<std::size_t>(expected.position(0)));
    CHECK(match->end - match->begin == static_cast<std::size_t>(expected.length(0)));
    // From the other side: nothing matches after the last match's begin.
    const auto last = scanner.search_back(subject.size());
    REQUIRE(last);
    if (last->begin < subject.size()) CHECK_FALSE(scanner.search(last->begin + 1));
  }
}

TEST_CASE("neither long subjects nor nested repetitions bring a pattern down") {
  const std::string subject(1 << 20, 'a');
  CHECK(marked("(a|b)*", subject) == "[" + subject + "]");
  CHECK(marked(".*", subject) == "[" + subject + "]");
  const std::string shorter(2000, 'a');
  CHECK(marked("(a*)*b", shorter) == "none");
  CHECK(marked("(a|a)*b", shorter) == "none");
  CHECK(marked("(?=(a*)*b)a", std::string(200, 'a')) == "none");
}
