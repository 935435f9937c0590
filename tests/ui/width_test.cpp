#include "ui/width.hpp"

#include <catch2/catch.hpp>

using namespace mtask::ui;

TEST_CASE("wide letters take two columns and combining marks none") {
  CHECK(display_width("abc") == 3);
  CHECK(display_width("日本") == 4);
  CHECK(display_width("e\xcc\x81") == 1);
  CHECK(display_width("😀") == 2);
  CHECK(display_width("naïve") == 5);
  CHECK(display_width("a\xff"
                      "b") == 3);
}

TEST_CASE("a prefix never splits a letter nor leaves its marks behind") {
  CHECK(prefix_of_width("日本", 3) == "日");
  CHECK(prefix_of_width("e\xcc\x81x", 1) == "e\xcc\x81");
  CHECK(prefix_of_width("abc", 0).empty());
}

TEST_CASE("a long path keeps its beginning and more of its end, within the width") {
  CHECK(fit_middle("short", 5) == "short");
  CHECK(fit_middle("0123456789abcdefghij", 12) == "012...efghij");
  const std::string wide = "日本語日本語日本語日本語e\xcc\x81";
  for (std::size_t columns = 0; columns < 30; ++columns) {
    INFO(columns);
    CHECK(display_width(fit_middle(wide, columns)) <= columns);
  }
}
