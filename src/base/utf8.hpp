#pragma once
// Taking UTF-8 apart (Unicode 15, table 3-7: no surrogates, no overlong forms, nothing past U+10FFFF).

#include <cstddef>
#include <string>
#include <string_view>

namespace mtask {

struct Utf8Letter {
  char32_t code = 0;       // meaningful when valid
  std::size_t length = 1;  // bytes; an invalid byte is a step of 1
  bool valid = false;
};

// The first letter of `text`, which must not be empty.
[[nodiscard]] Utf8Letter first_letter(std::string_view text) noexcept;
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

// False for what steers a terminal or hides in a line: control characters (C0, DEL, C1), line and paragraph
// separators, bidirectional overrides, invisible format characters, private use and noncharacters.
[[nodiscard]] bool is_printable(char32_t code) noexcept;

void append_utf8(std::string& out, char32_t code);

}  // namespace mtask
