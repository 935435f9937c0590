#pragma once
// How many columns UTF-8 text takes on a terminal, and cutting it to fit. Pure functions; independent of the locale.
//
// Text must hold no control characters: quote names first. Bytes that are no valid UTF-8 count one column each.

#include <cstddef>
#include <string>
#include <string_view>

namespace mtask::ui {

[[nodiscard]] std::size_t display_width(std::string_view text);

// The longest beginning that fits into `columns`; combining marks stay with their letter.
[[nodiscard]] std::string_view prefix_of_width(std::string_view text, std::size_t columns);

// `text` where it fits; else its beginning and its longer end around "...", so that a path keeps its last part.
[[nodiscard]] std::string fit_middle(std::string_view text, std::size_t columns);

}  // namespace mtask::ui
