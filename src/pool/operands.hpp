#pragma once
// The parts of a command line that say what is run on what.

#include <string>
#include <string_view>
#include <vector>

#include "mtask/pool.hpp"
#include "mtask/result.hpp"

namespace mtask::pool {

struct SplitOperands {
  std::vector<std::string> words;  // of the template
  std::vector<InputSource> sources;
};

// Parts `operands` at ::: (values follow), :::: (names of files with values, each a source of its own; "-" is standard
// input), :::+ and ::::+ (linked to the source before). ::: without a value is an empty source; :::: without a name is
// a usage error. `separator` stands for :::.
[[nodiscard]] Result<SplitOperands> split_operands(std::vector<std::string> operands,
                                                   std::string_view separator = ":::",
                                                   std::string_view file_separator = "::::");

// \t \n \r \\ \' \" \0 and \NNN (three octal digits) replaced by their bytes, as parallel does for -d, --recstart,
// --recend and --tagstring.
[[nodiscard]] std::string unescape(std::string_view text);

}  // namespace mtask::pool
