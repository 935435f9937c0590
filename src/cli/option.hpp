#pragma once
// The table of a command's options: the one place that knows their names, values and texts. The parser, --help, the
// manual page, the shell completions, the configuration file and the environment are all read from it.
//
// Shape: plain rows. All texts are string literals. `set` writes into the arguments of the command that made the table
// and must not outlive them.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "mtask/result.hpp"

namespace mtask::cli {

struct Option {
  enum class Takes : std::uint8_t {
    kNothing,        // a switch; its setter is told "true" or "false"
    kValue,          // --name VALUE or --name=VALUE
    kOptionalValue,  // --name or --name=VALUE
  };
  // What a value is, for the types of the configuration file and for completion. kQuantity: a number, fractions too, or
  // text such as 50% and 10s.
  enum class Value : std::uint8_t { kText, kNumber, kSize, kQuantity, kFile, kDirectory };

  std::string_view name{};     // without dashes; also the configuration key
  std::string_view letters{};  // one-letter names, each without its dash
  Takes takes = Takes::kNothing;
  Value value = Value::kText;
  std::string_view placeholder{};           // of the value, in capitals
  std::string_view bare{};                  // what the setter is told when an optional value is left out
  std::string_view group{};                 // heading in --help and the manual
  std::string_view help{};                  // one line, no full stop
  std::string_view man{};                   // more for the manual, whole sentences; may be empty
  std::vector<std::string_view> choices{};  // the words a value may be; empty: anything
  bool comma_list = false;                  // the value is a comma-separated list of `choices`
  bool repeatable = false;                  // given several times, values add up
  bool weaker_first = false;                // repeatable: the stronger values are set last, to replace those of the
                                            // weaker; without it they come first
  bool command_line_only = false;           // neither configuration key nor environment variable
  std::string_view alias_of{};              // the name of the row that this is another name for
  bool hidden = false;                      // left out of help, manual and completions
  // Checks and stores a value. The error's context is what is wrong with the value; who gave it is added elsewhere.
  std::function<Result<void>(std::string_view)> set{};
  // Of a comma_list whose value replaces what was: adds one word to it, for a table of the configuration file.
  std::function<Result<void>(std::string_view)> add{};
};

using OptionTable = std::vector<Option>;

[[nodiscard]] const Option* find_option(const OptionTable& table, std::string_view name);
[[nodiscard]] const Option* find_letter(const OptionTable& table, char letter);

// The groups in the order of their first visible row.
[[nodiscard]] std::vector<std::string_view> groups(const OptionTable& table);

// The option as a person writes it: "-j, --workers N", "--backup[=SUFFIX]".
[[nodiscard]] std::string spelling(const Option& option);

// MTASK_COPY_LIMIT_RATE for ("copy", "limit-rate").
[[nodiscard]] std::string environment_name(std::string_view command, std::string_view option);

// Setters for the usual shapes; `target` must outlive the table.
[[nodiscard]] std::function<Result<void>(std::string_view)> set_flag(bool& target);
[[nodiscard]] std::function<Result<void>(std::string_view)> set_text(std::string& target);
[[nodiscard]] std::function<Result<void>(std::string_view)> append_text(std::vector<std::string>& target);

// A whole number from `least` to `most`, decimal digits only.
[[nodiscard]] Result<std::uint64_t> parse_number(std::string_view text, std::uint64_t least, std::uint64_t most);

}  // namespace mtask::cli
