#include "cli/settings.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "cli/text_file.hpp"

namespace mtask::cli {
namespace {

// The option's own setter is spared the words that its row rules out.
Result<void> check_choices(const Option& option, const std::string& value) {
  if (option.choices.empty()) return {};
  std::vector<std::string_view> words = {value};
  if (option.comma_list) words = split(value, ',');
  if (words.empty()) return Unexpected(usage_error("the list is empty"));
  std::vector<std::string> known(option.choices.begin(), option.choices.end());
  for (const std::string_view word : words) {
    if (std::find(known.begin(), known.end(), word) != known.end()) continue;
    std::string all;
    for (const std::string& choice : known) all += (all.empty() ? "" : ", ") + choice;
    return Unexpected(usage_error(quote(word) + " is none of " + all + suggestion(std::string(word), known)));
  }
  return {};
}

Result<void> set_checked(const Setting& setting) {
  if (auto known = check_choices(*setting.option, setting.value); !known) return known;
  return (setting.adds ? setting.option->add : setting.option->set)(setting.value);
}

Result<void> apply_those(const std::vector<Setting>& settings, bool stronger_first) {
  for (const Setting& setting : settings) {
    if ((setting.option->repeatable && !setting.option->weaker_first) != stronger_first) continue;
    auto done = set_checked(setting);
    if (!done) {
      Error error = std::move(done).error();
      error.context = setting.origin + ": " + error.context;
      return Unexpected(std::move(error));
    }
  }
  return {};
}

// The words people use for yes and no, as the setter of a switch wants them; anything else is handed on as it is.
std::string switch_word(const std::string& value) {
  for (const std::string_view yes : {"1", "yes", "on"}) {
    if (value == yes) return "true";
  }
  for (const std::string_view no : {"0", "no", "off"}) {
    if (value == no) return "false";
  }
  return value;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (end > begin) lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

std::vector<std::string> values_of(const Option& option, const std::string& text) {
  if (option.repeatable) return lines_of(text);
  // The number that "--verbose" repeated would count is as good as a yes.
  if (option.takes == Option::Takes::kNothing && option.value != Option::Value::kNumber) return {switch_word(text)};
  return {text};
}

}  // namespace

Result<std::vector<Setting>> read_environment(const Environment& environment, const std::string& command,
                                              const OptionTable& table) {
  std::vector<Setting> settings;
  const std::string prefix = environment_name(command, "");
  for (const auto& [variable, value] : environment.variables()) {
    if (!variable.starts_with(prefix) || value.empty()) continue;
    const Option* named = nullptr;
    std::vector<std::string> known;
    for (const Option& row : table) {
      if (row.command_line_only) continue;
      known.push_back(environment_name(command, row.name));
      if (known.back() == variable) named = &row;
    }
    if (named == nullptr) {
      return Unexpected(usage_error("unknown environment variable " + quote(variable) + suggestion(variable, known)));
    }
    for (std::string& one : values_of(*named, value)) settings.push_back({named, std::move(one), variable});
  }
  return settings;
}

Result<void> apply(const std::vector<Setting>& file, const std::vector<Setting>& environment,
                   const std::vector<Setting>& command_line) {
  for (const auto* settings : std::array{&file, &environment, &command_line}) {
    if (auto done = apply_those(*settings, false); !done) return done;
  }
  for (const auto* settings : std::array{&command_line, &environment, &file}) {
    if (auto done = apply_those(*settings, true); !done) return done;
  }
  return {};
}

std::string suggestion(const std::string& word, const std::vector<std::string>& candidates) {
  const std::vector<std::string_view> views(candidates.begin(), candidates.end());
  const std::string found = nearest(word, views);
  return found.empty() ? "" : "; did you mean " + quote(found) + "?";
}

}  // namespace mtask::cli
