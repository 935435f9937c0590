#pragma once
// One {…} of a command template: how it is written and what it makes of a value.
//
// The forms are GNU parallel's: {} {.} {/} {//} {/.} {#} {%}, each also with the number of a value ({2}, {-1/.}), names
// from the header ({name}, {name/.}), and with --plus {..} {+/} {:-x} {%x} {/x/y} … (see its manual). Where parallel
// takes a Perl regular expression, so do {#x} {##x} {%x} {%%x} {/x/y} {//x/y} {/#x/y} {/%x/y}; see pool/pattern.hpp.
// Bytes are not looked at as letters: {:2} removes two bytes, {^^x} knows ASCII letters only.
// Immutable once made, so threads may share one.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mtask/result.hpp"
#include "pool/pattern.hpp"

namespace mtask::pool {

struct Placeholder {
  enum class Op : std::uint8_t {
    kValue,
    kBase,
    kDirectory,
    kNoExtension,      // {.}: `count` extensions less
    kBaseNoExtension,  // {/.}
    kPlusDirectory,    // {+/}
    kExtensions,       // {+.}: the last `count`
    kDefault,          // {:-text}
    kSubstring,        // {:offset}, {:offset:count}
    kShortestPrefix,   // {#x}
    kLongestPrefix,    // {##x}
    kShortestSuffix,   // {%x}
    kLongestSuffix,    // {%%x}
    kReplaceFirst,     // {/x/text}
    kReplaceAll,       // {//x/text}
    kReplacePrefix,    // {/#x/text}
    kReplaceSuffix,    // {/%x/text}
    kUpperFirst,       // {^x}
    kUpperAll,         // {^^x}
    kLowerFirst,       // {,x}
    kLowerAll,         // {,,x}
    kSequence,         // {#}
    kPaddedSequence,   // {0#}
    kSlot,             // {%}
    kTotal,            // {##}
  };
  Op op = Op::kValue;
  int position = 0;  // 1: the first value, -1: the last; 0: all values
  std::size_t offset = 0;
  std::optional<std::size_t> count;
  std::string text;
  std::shared_ptr<const Pattern> pattern;

  // It stands for a value, not for a number of the job's.
  [[nodiscard]] bool of_value() const { return op < Op::kSequence; }
  // It is once there for each value of the job.
  [[nodiscard]] bool of_each() const { return of_value() && position == 0; }
  // What it makes of a value; of_value() only. May give a view of `scratch`.
  [[nodiscard]] std::string_view apply(std::string_view value, std::string& scratch) const;
};

struct PlaceholderSyntax {
  std::string replacement = "{}";
  bool plus = false;
  std::vector<std::string> names;  // of the values, from the header: the first is {1}'s

  struct Found {
    Placeholder placeholder;
    std::size_t length = 0;  // bytes of the text
  };
  // The placeholder that `text` begins with; none when it is plain text. A usage error for what is not supported
  // ({= =}, {host}, …) and for a wrong regular expression.
  [[nodiscard]] Result<std::optional<Found>> at_start(std::string_view text) const;
};

}  // namespace mtask::pool
