#pragma once
// The manual page of a command, whole, as roff. docs/man holds what this prints; a test compares them.

#include <string>
#include <string_view>

#include "cli/command.hpp"

namespace mtask::cli {

[[nodiscard]] std::string man_page(const Command& command);

// Plain text for roff: backslashes, hyphens and leading dots and quotes are taken literally.
[[nodiscard]] std::string roff(std::string_view text);

}  // namespace mtask::cli
