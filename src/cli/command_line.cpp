#include "cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "base/text.hpp"

namespace mtask::cli {
namespace {

// What the parser is told to store for an option whose value was left out. No argument holds a NUL.
const std::string kBare("\0", 1);

// CLI11's way to write names and, in braces, what a switch without a value stores.
std::string parser_names(const Option& row) {
  const std::string braces = row.takes == Option::Takes::kOptionalValue ? "{" + kBare + "}" : "";
  std::string names = "--" + std::string(row.name) + braces;
  for (const char letter : row.letters) names += std::string(",-") + letter + braces;
  return names;
}

// No option gets a variable: values are read from the parser afterwards, in the order of parsing. Operands are no
// option of the parser's, because it would take one like "[a,b]" for a list and split it.
std::map<const CLI::Option*, const Option*> add_rows(CLI::App& app, const OptionTable& table) {
  std::map<const CLI::Option*, const Option*> rows;
  for (const Option& row : table) {
    const std::string names = parser_names(row);
    CLI::Option* option = nullptr;
    if (row.takes == Option::Takes::kValue) {
      option = app.add_option(names, CLI::callback_t([](const CLI::results_t&) { return true; }));
      option->expected(1)->allow_extra_args(false);
    } else {
      option = app.add_flag(names);
    }
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    rows.emplace(option, &row);
  }
  return rows;
}

std::string name_of(const std::string& argument) { return argument.substr(0, argument.find('=')); }

const Option* long_option(const OptionTable& table, const std::string& argument) {
  return argument.starts_with("--") ? find_option(table, std::string_view(name_of(argument)).substr(2)) : nullptr;
}

// True when the argument after this one is its value.
bool takes_next(const OptionTable& table, const std::string& argument) {
  if (argument.size() < 2 || argument[0] != '-') return false;
  if (argument[1] == '-') {
    const Option* row = find_option(table, std::string_view(argument).substr(2));
    return row != nullptr && row->takes == Option::Takes::kValue;
  }
  // In a cluster the first letter that takes a value takes the rest of it, unless there is none.
  for (std::size_t i = 1; i < argument.size(); ++i) {
    const Option* row = find_letter(table, argument[i]);
    if (row == nullptr) return false;
    if (row->takes != Option::Takes::kNothing) return row->takes == Option::Takes::kValue && i + 1 == argument.size();
  }
  return false;
}

// How many arguments stand before the first operand, or before the "--" that precedes it.
std::size_t count_options(const OptionTable& table, const std::vector<std::string>& arguments) {
  std::size_t count = 0;
  for (bool is_value = false; count < arguments.size(); ++count) {
    const std::string& argument = arguments[count];
    if (!is_value && (argument == "--" || argument.size() < 2 || argument[0] != '-')) break;
    is_value = !is_value && takes_next(table, argument);
  }
  return count;
}

// CLI11 takes the next argument for the value of "--name=", which could be a path to write to.
Result<void> refuse_empty_values(const OptionTable& table, const std::vector<std::string>& arguments) {
  bool is_value = false;
  for (const std::string& argument : arguments) {
    if (!is_value && argument == "--") break;
    if (!is_value && argument.ends_with('=') && name_of(argument).size() + 1 == argument.size() &&
        long_option(table, argument) != nullptr) {
      return Unexpected(usage_error("option " + quote(argument) + " is followed by nothing"));
    }
    is_value = !is_value && takes_next(table, argument);
  }
  return {};
}

Error unknown_option(const OptionTable& table, const std::string& argument) {
  if (!argument.starts_with("--")) {
    // The parser hands back what is left of a cluster; its first letter is the unknown one.
    const bool ascii = static_cast<unsigned char>(argument[1]) < 0x80;
    return usage_error("unknown option " + quote(ascii ? argument.substr(0, 2) : argument));
  }
  std::vector<std::string> known;
  for (const Option& row : table) {
    if (!row.hidden) known.push_back("--" + std::string(row.name));
  }
  const std::string name = name_of(argument);
  return usage_error("unknown option " + quote(name) + suggestion(name, known));
}

// What the parser could not place: operands, the first "--", and before that unknown options.
Result<std::vector<std::string>> sort_out(const OptionTable& table, std::vector<std::string> left) {
  std::vector<std::string> operands;
  bool options_ended = false;
  for (std::string& argument : left) {
    if (!options_ended && argument == "--") {
      options_ended = true;
    } else if (!options_ended && argument.size() > 1 && argument[0] == '-') {
      return Unexpected(unknown_option(table, argument));
    } else {
      operands.push_back(std::move(argument));
    }
  }
  return operands;
}

std::string stored_value(const Option& row, const std::string& result) {
  if (row.takes == Option::Takes::kOptionalValue && result == kBare) return std::string(row.bare);
  return result;
}

// The parser names the option in its own way; all that can go wrong there is a value that isn't.
Error missing_value(const OptionTable& table, const std::vector<std::string>& arguments) {
  const std::string& last = arguments.back();
  const Option* row = long_option(table, last);
  const std::string name = row != nullptr ? "--" + std::string(row->name) : last;
  return usage_error("option " + quote(name) + " needs a value");
}

Result<CommandLine> parse_all(const OptionTable& table, const std::vector<std::string>& arguments) {
  if (auto sound = refuse_empty_values(table, arguments); !sound) return Unexpected(std::move(sound).error());

  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  const auto rows = add_rows(app, table);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ArgumentMismatch&) {
    return Unexpected(missing_value(table, arguments));
  } catch (const CLI::ParseError& error) {
    return Unexpected(usage_error(error.what()));
  }

  CommandLine line;
  std::map<const CLI::Option*, std::size_t> seen;
  for (const CLI::Option* parsed : app.parse_order()) {
    const Option& row = *rows.at(parsed);
    const std::string& result = parsed->results().at(seen[parsed]++);
    line.settings.push_back({&row, stored_value(row, result), "--" + std::string(row.name)});
  }
  auto operands = sort_out(table, app.remaining());
  if (!operands) return Unexpected(std::move(operands).error());
  line.operands = std::move(*operands);
  return line;
}

// "-w5" to "--width=5", for a letter whose value may be left out and is a number. The parser takes it for three
// letters.
std::vector<std::string> with_numbers_apart(const OptionTable& table, const std::vector<std::string>& arguments) {
  std::vector<std::string> apart = arguments;
  bool is_value = false;
  for (std::string& argument : apart) {
    if (!is_value && argument == "--") break;
    const bool follows = takes_next(table, argument);
    if (!is_value && argument.size() > 2 && argument[0] == '-' && argument[2] >= '0' && argument[2] <= '9') {
      const Option* const row = argument[1] == '-' ? nullptr : find_letter(table, argument[1]);
      if (row != nullptr && row->takes == Option::Takes::kOptionalValue && row->value == Option::Value::kNumber) {
        argument = "--" + std::string(row->name) + "=" + argument.substr(2);
      }
    }
    is_value = !is_value && follows;
  }
  return apart;
}

}  // namespace

bool CommandLine::has(std::string_view option) const {
  return std::any_of(settings.begin(), settings.end(),
                     [&](const Setting& setting) { return setting.option->name == option; });
}

Result<CommandLine> parse_command_line(const OptionTable& table, const std::vector<std::string>& arguments,
                                       bool options_first) {
  if (!options_first) return parse_all(table, with_numbers_apart(table, arguments));
  const auto operands = arguments.begin() + static_cast<std::ptrdiff_t>(count_options(table, arguments));
  auto line = parse_all(table, with_numbers_apart(table, {arguments.begin(), operands}));
  if (!line) return line;
  const bool marked = operands != arguments.end() && *operands == "--";
  line->operands.assign(operands + (marked ? 1 : 0), arguments.end());
  return line;
}

}  // namespace mtask::cli
