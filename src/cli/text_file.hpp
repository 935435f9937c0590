#pragma once
// Small inputs, read whole: configuration, lists of names, lists of patterns.

#include <string>
#include <string_view>
#include <vector>

#include "mtask/result.hpp"

namespace mtask::cli {

// All bytes of the file, or of standard input for "-". Errors are of kind kUsage: nothing was touched yet; a signal's
// arrival while it reads is kInterrupted.
[[nodiscard]] Result<std::string> read_text_file(const std::string& path);

// The same for a file that must be a regular one (or /dev/null), so that reading it can't wait for anybody.
[[nodiscard]] Result<std::string> read_regular_file(const std::string& path);

// What stands between separators; the last one need not be ended. Empty pieces are left out.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

}  // namespace mtask::cli
