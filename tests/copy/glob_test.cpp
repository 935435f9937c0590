#include "copy/glob.hpp"

#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <string_view>

using mtask::copy::Glob;
using mtask::copy::GlobFlavour;

namespace {

bool rsync(std::string_view pattern, std::string_view text) {
  return Glob::compile(pattern, GlobFlavour::kRsync).matches(text);
}
bool git(std::string_view pattern, std::string_view text) {
  return Glob::compile(pattern, GlobFlavour::kGitignore).matches(text);
}

// The definition, without sets and escapes: exponential, for short texts.
bool slow_match(std::string_view pattern, std::string_view text, bool gitignore, bool at_start) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] != '*') {
    if (text.empty()) return false;
    const bool fits = pattern[0] == '?' ? text[0] != '/' : pattern[0] == text[0];
    return fits && slow_match(pattern.substr(1), text.substr(1), gitignore, pattern[0] == '/');
  }
  const std::size_t stars = std::min(pattern.find_first_not_of('*'), pattern.size());
  const std::string_view rest = pattern.substr(stars);
  bool deep = stars > 1;
  if (gitignore) {
    deep = deep && at_start && (rest.empty() || rest[0] == '/');
    if (deep && !rest.empty() && slow_match(rest.substr(1), text, gitignore, true)) return true;
  }
  for (std::size_t taken = 0;; ++taken) {
    if (slow_match(rest, text.substr(taken), gitignore, false)) return true;
    if (taken == text.size() || (!deep && text[taken] == '/')) return false;
  }
}

std::string random_string(std::mt19937& random, std::string_view alphabet, std::size_t longest) {
  std::string text(std::uniform_int_distribution<std::size_t>(0, longest)(random), ' ');
  for (char& c : text) c = alphabet[std::uniform_int_distribution<std::size_t>(0, alphabet.size() - 1)(random)];
  return text;
}

}  // namespace

TEST_CASE("a glob's single-byte wildcards never match a slash") {
  CHECK(rsync("a?c", "abc"));
  CHECK_FALSE(rsync("a?c", "a/c"));
  CHECK_FALSE(rsync("a*c", "a/c"));
  CHECK_FALSE(rsync("a[/]c", "a/c"));
  CHECK_FALSE(rsync("a[!x]c", "a/c"));
  CHECK_FALSE(rsync("a[+-9]c", "a/c"));
  CHECK(rsync("a[+-9]c", "a5c"));
  CHECK(rsync("?", "\xff"));
  CHECK(rsync("[\x80-\xff]", "\xc3"));
  CHECK_FALSE(rsync("?", ""));
  CHECK(rsync("", ""));
  CHECK_FALSE(rsync("", "a"));
}

TEST_CASE("a glob's sets know ranges, negation, classes and escapes") {
  CHECK(rsync("[a-c]", "b"));
  CHECK_FALSE(rsync("[a-c]", "d"));
  CHECK(rsync("[!a-c]", "d"));
  CHECK_FALSE(rsync("[^a-c]", "a"));
  CHECK(rsync("[]x]", "]"));
  CHECK(rsync("[!]x]", "a"));
  CHECK_FALSE(rsync("[!]x]", "]"));
  CHECK(rsync("[a-]", "-"));
  CHECK(rsync("[-a]", "-"));
  CHECK(rsync("[a-c-e]", "-"));
  CHECK_FALSE(rsync("[a-c-e]", "d"));
  CHECK(rsync("[\\]]", "]"));
  CHECK(rsync("[\\a-\\c]", "b"));
  CHECK(rsync("[[:digit:]x]", "7"));
  CHECK(rsync("[[:digit:]x]", "x"));
  CHECK_FALSE(rsync("[![:upper:]]", "Q"));
  CHECK(rsync("[[:space:]]", "\v"));
  CHECK_FALSE(rsync("[[:alpha:]]", "\xe4"));
  CHECK(rsync("[[:a]", ":"));
  CHECK(rsync("[[:a]", "["));
  CHECK_FALSE(rsync("[c-a]", "b"));
}

TEST_CASE("a glob that is malformed matches nothing") {
  for (const char* pattern : {"[", "[a", "[]", "[!]", "[a-", "[[:nope:]]", "[[::]]", "a\\", "[\\", "*[", "**\\"}) {
    CAPTURE(pattern);
    for (const char* text : {"", "a", "[", "\\", "[a", "[]", "a\\"}) {
      CHECK_FALSE(rsync(pattern, text));
      CHECK_FALSE(git(pattern, text));
    }
  }
}

TEST_CASE("a glob's backslash takes the next byte's meaning away") {
  CHECK(rsync("\\*", "*"));
  CHECK_FALSE(rsync("\\*", "a"));
  CHECK(rsync("a\\b", "ab"));
  CHECK(rsync("\\\\", "\\"));
  CHECK(rsync("\\[a]", "[a]"));
}

TEST_CASE("a literal glob takes every byte as it is") {
  CHECK(Glob::literal("a*\\[").matches("a*\\["));
  CHECK_FALSE(Glob::literal("a*").matches("ab"));
}

TEST_CASE("rsync's double star matches any bytes wherever it stands") {
  CHECK(rsync("a**c", "a/b/c"));
  CHECK(rsync("a**c", "abc"));
  CHECK(rsync("**", "a/b"));
  CHECK(rsync("a/***", "a/b/c"));
  CHECK_FALSE(rsync("a/**/c", "a/c"));
  CHECK(rsync("a/**/c", "a/x/y/c"));
  CHECK(rsync("**/c", "/c"));
}

TEST_CASE("gitignore's double star counts between slashes only and may be no directory at all") {
  CHECK(git("a/**/c", "a/c"));
  CHECK(git("a/**/c", "a/x/y/c"));
  CHECK_FALSE(git("a/**/c", "axc"));
  CHECK_FALSE(git("a/**/c", "a/xc"));
  CHECK(git("**/c", "c"));
  CHECK(git("**/c", "a/b/c"));
  CHECK_FALSE(git("**/c", "a/bc"));
  CHECK(git("a/**", "a/b/c"));
  CHECK_FALSE(git("a/**", "a"));
  CHECK_FALSE(git("a**c", "a/c"));
  CHECK(git("a**c", "abc"));
  CHECK_FALSE(git("x/a**", "x/a/b"));
  CHECK(git("**/**/c", "c"));
}

TEST_CASE("a glob gives the verdict that the definition of its stars gives") {
  std::mt19937 random(20240607);
  for (int round = 0; round < 200'000; ++round) {
    const std::string pattern = random_string(random, "ab/**?", 9);
    const std::string text = random_string(random, "aab/", 9);
    const bool got_rsync = rsync(pattern, text);
    const bool got_git = git(pattern, text);
    if (got_rsync != slow_match(pattern, text, false, true) || got_git != slow_match(pattern, text, true, true)) {
      FAIL("pattern '" << pattern << "' on '" << text << "': rsync " << got_rsync << ", gitignore " << got_git);
    }
  }
}

TEST_CASE("a glob with many stars ends soon on a text that almost matches", "[no-exponential]") {
  // Backtracking over every star would take longer than the universe has lasted.
  const std::string name(255, 'a');
  CHECK_FALSE(rsync("a*a*a*a*a*a*a*a*a*a*a*b", name));
  CHECK_FALSE(rsync("a*a*a*a*a*a*a*a*a*a*a*[b]", name));
  std::string path;
  for (int i = 0; i < 2000; ++i) path += "a/";
  CHECK_FALSE(rsync("**a**a**a**a**a**a**a**[b]", path));
  CHECK_FALSE(git("**/a/**/a/**/a/**/a/**/a/*[b]", path));
  CHECK_FALSE(rsync("**a*a*a*a*a*[b]", std::string(4000, 'a')));
}
