#pragma once
// A file that a source reads, or standard input, which is named "-".

#include <string>

#include "base/unique_fd.hpp"
#include "mtask/result.hpp"

namespace mtask::gen {

inline constexpr const char* kStandardInput = "-";

// For people: standard input, 'names.txt'.
[[nodiscard]] std::string shown_input(const std::string& file);

// Its bytes come when they come: no regular file. False where nothing is known about it.
[[nodiscard]] bool comes_live(const std::string& file);

struct InputFile {
  UniqueFd fd;
  bool waits = false;  // a read may have to
};
// Never waits for the writer of a fifo. The error is the system's, with `stage` and the file as its context.
[[nodiscard]] Result<InputFile> open_input(const std::string& stage, const std::string& file);

}  // namespace mtask::gen
