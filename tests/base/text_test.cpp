#include "base/text.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <string_view>

using mtask::nearest;
using mtask::one_line;
using mtask::quote;
using namespace std::string_view_literals;

TEST_CASE("quote leaves printable names readable") {
  CHECK(quote("a/b c") == "'a/b c'");
  CHECK(quote("") == "''");
  CHECK(quote("Grüße 日本 🎉") == "'Grüße 日本 🎉'");
}

TEST_CASE("quote escapes what would break the line or steer the terminal") {
  CHECK(quote("a\nb\tc\rd") == R"('a\nb\tc\rd')");
  CHECK(quote("\x1b[31m") == R"('\x1b[31m')");
  CHECK(quote("a\0b"sv) == R"('a\x00b')");
  CHECK(quote("\x7f") == R"('\x7f')");
  CHECK(quote("\xc2\x9b") == R"('\xc2\x9b')");                  // CSI of C1
  CHECK(quote("\xe2\x80\xae") == R"('\xe2\x80\xae')");          // right-to-left override
  CHECK(quote("\xf3\xa0\x81\x81") == R"('\xf3\xa0\x81\x81')");  // tag letter
}

TEST_CASE("quote tells names apart that would look the same") {
  CHECK(quote("it's") == R"('it\'s')");
  CHECK(quote("a\\nb") == R"('a\\nb')");
  CHECK(quote("a\nb") != quote("a\\nb"));
}

TEST_CASE("quote escapes invalid UTF-8 byte by byte") {
  CHECK(quote("a\xff") == R"('a\xff')");
  CHECK(quote("\xc3") == R"('\xc3')");
  CHECK(quote("\xc3(") == R"('\xc3(')");
  CHECK(quote("\xc0\xaf") == R"('\xc0\xaf')");                  // overlong
  CHECK(quote("\xe0\x80\xaf") == R"('\xe0\x80\xaf')");          // overlong
  CHECK(quote("\xed\xa0\x80") == R"('\xed\xa0\x80')");          // surrogate
  CHECK(quote("\xf4\x90\x80\x80") == R"('\xf4\x90\x80\x80')");  // past the last code point
  CHECK(quote("\xe2\x82") == R"('\xe2\x82')");                  // cut off
}

TEST_CASE("one_line keeps quotes and backslashes that stand there already") {
  CHECK(one_line("cannot open 'a\\nb':\nno") == "cannot open 'a\\nb':\\nno");
}

TEST_CASE("nearest finds the word a slip was made of") {
  constexpr std::array kWords = {"copy"sv, "pool"sv, "download"sv, "chat"sv};
  CHECK(nearest("cpoy", kWords) == "copy");
  CHECK(nearest("cop", kWords) == "copy");
  CHECK(nearest("copyy", kWords) == "copy");
  CHECK(nearest("downlaod", kWords) == "download");
  CHECK(nearest("copy", kWords) == "copy");
}

TEST_CASE("nearest keeps silent when no word is close") {
  constexpr std::array kWords = {"copy"sv, "x"sv};
  CHECK(nearest("frobnicate", kWords).empty());
  CHECK(nearest("y", kWords).empty());
  CHECK(nearest("", kWords).empty());
  CHECK(nearest("copy", {}).empty());
}

TEST_CASE("nearest prefers the closer word, then the earlier one") {
  constexpr std::array kWords = {"--includes"sv, "--include"sv, "--inklude"sv};
  CHECK(nearest("--incude", kWords) == "--include");
  constexpr std::array kEqual = {"bat"sv, "cat"sv};
  CHECK(nearest("hat", kEqual) == "bat");
}
