#pragma once
// Showing names to people, and guessing what they meant.

#include <span>
#include <string>
#include <string_view>

namespace mtask {

// `name` in single quotes on one line: '\'' and '\\' are escaped, and so is every byte that a terminal would not show
// as itself (\n, \t, \r, else \xNN; invalid UTF-8 byte by byte). Other letters of UTF-8 stay. Two names never look
// the same, and nothing in one can steer the terminal.
[[nodiscard]] std::string quote(std::string_view name);

// A text made of names quoted before, fit for one line: as quote() without the quotes, and ' and \ stay.
[[nodiscard]] std::string one_line(std::string_view text);

// The candidate that `word` most likely stands for: the only one that it begins; else the nearest by edit distance (insert, delete, replace, swap of
// neighbours; optimal string alignment), the first of equals. Empty when none is within a third of the longer length.
[[nodiscard]] std::string nearest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace mtask
