#include "cli/option.hpp"

#include <algorithm>
#include <charconv>

#include "base/text.hpp"

namespace mtask::cli {

const Option* find_option(const OptionTable& table, std::string_view name) {
  const auto found = std::find_if(table.begin(), table.end(), [&](const Option& row) { return row.name == name; });
  return found == table.end() ? nullptr : &*found;
}

const Option* find_letter(const OptionTable& table, char letter) {
  const auto found = std::find_if(table.begin(), table.end(), [&](const Option& row) {
    return row.letters.find(letter) != std::string_view::npos;
  });
  return found == table.end() ? nullptr : &*found;
}

std::vector<std::string_view> groups(const OptionTable& table) {
  std::vector<std::string_view> names;
  for (const Option& row : table) {
    if (!row.hidden && std::find(names.begin(), names.end(), row.group) == names.end()) names.push_back(row.group);
  }
  return names;
}

std::string spelling(const Option& option) {
  std::string text;
  for (const char letter : option.letters) text += std::string{'-', letter} + ", ";
  text += "--" + std::string(option.name);
  if (option.takes == Option::Takes::kValue) text += "=" + std::string(option.placeholder);
  if (option.takes == Option::Takes::kOptionalValue) text += "[=" + std::string(option.placeholder) + "]";
  return text;
}

std::string environment_name(std::string_view command, std::string_view option) {
  std::string name = "MTASK_" + std::string(command) + "_" + std::string(option);
  for (char& c : name) {
    if (c == '-') c = '_';
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return name;
}

std::function<Result<void>(std::string_view)> set_flag(bool& target) {
  return [&target](std::string_view value) -> Result<void> {
    if (value != "true" && value != "false") return Unexpected(usage_error(quote(value) + " is not 'true' or 'false'"));
    target = value == "true";
    return {};
  };
}

std::function<Result<void>(std::string_view)> set_text(std::string& target) {
  return [&target](std::string_view value) -> Result<void> {
    if (value.empty()) return Unexpected(usage_error("the value is empty"));
    target = value;
    return {};
  };
}

std::function<Result<void>(std::string_view)> append_text(std::vector<std::string>& target) {
  return [&target](std::string_view value) -> Result<void> {
    if (value.empty()) return Unexpected(usage_error("the value is empty"));
    target.emplace_back(value);
    return {};
  };
}

Result<std::uint64_t> parse_number(std::string_view text, std::uint64_t least, std::uint64_t most) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, trouble] = std::from_chars(text.data(), end, number);
  if (trouble != std::errc{} || stop != end || number < least || number > most) {
    return Unexpected(
        usage_error(quote(text) + " is not a number from " + std::to_string(least) + " to " + std::to_string(most)));
  }
  return number;
}

}  // namespace mtask::cli
