#pragma once
// Words as a Bourne-like shell must see them, and which shell that is.
//
// Stateless. Texts are bytes; the quoting holds in every locale. The form is GNU parallel's: nothing around
// [-_.+/A-Za-z0-9], else single quotes, with "'" between the parts for each single quote ('it'"'"'s').

#include <string>
#include <string_view>

#include "mtask/result.hpp"

namespace mtask::pool {

// Adds `value` so that the shell takes it for one word: '' when it is empty. kSlotMark counts as a digit.
void append_quoted(std::string& out, std::string_view value);
[[nodiscard]] std::string shell_quoted(std::string_view value);
[[nodiscard]] std::size_t quoted_length(std::string_view value);

// `$PARALLEL_SHELL`; else `$SHELL` where that is Bourne-like; else /bin/sh. A usage error when PARALLEL_SHELL names a
// shell of another kind (csh, fish, …), in which quoted values would not be safe.
[[nodiscard]] Result<std::string> job_shell();

}  // namespace mtask::pool
