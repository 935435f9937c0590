#include "cli/config_file.hpp"

#include <toml++/toml.h>

#include <array>
#include <charconv>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/text_file.hpp"

namespace mtask::cli {
namespace {

class Reader {
 public:
  Reader(std::string path, const OptionTable& table) : path_(std::move(path)), table_(table) {}

  Result<std::vector<Setting>> read(const toml::table& file, std::string_view command);

 private:
  [[nodiscard]] Error at(const toml::source_region& where, const std::string& what) const {
    return usage_error(path_ + ":" + std::to_string(where.begin.line) + ": " + what);
  }
  Result<void> read_key(const toml::key& key, const toml::node& node);
  Result<void> read_array(const Option& row, const toml::key& key, const toml::array& array);
  Result<void> read_parts(const Option& row, const toml::key& key, const toml::table& parts);
  [[nodiscard]] Unexpected wrong_type(const toml::key& key, const Option& row) const;
  void add(const Option& row, const toml::key& key, std::string value) {
    const std::string line = std::to_string(key.source().begin.line);
    settings_.push_back({&row, std::move(value), path_ + ":" + line + ": " + std::string(key.str())});
  }

  std::string path_;
  const OptionTable& table_;
  std::vector<Setting> settings_;
};

Result<std::vector<Setting>> Reader::read(const toml::table& file, std::string_view command) {
  const toml::table* own = nullptr;
  for (const auto& [key, node] : file) {
    const std::string name(key.str());
    if (find_command(name) == nullptr) {
      std::vector<std::string> known;
      for (const Command& row : commands()) known.emplace_back(row.name);
      return Unexpected(at(key.source(), "unknown table " + quote(name) + suggestion(name, known)));
    }
    if (!node.is_table()) {
      return Unexpected(at(key.source(), quote(name) + " must be a table: [" + name + "]"));
    }
    if (name == command) own = node.as_table();
  }
  if (own == nullptr) return settings_;
  for (const auto& [key, node] : *own) {
    if (auto done = read_key(key, node); !done) return Unexpected(std::move(done).error());
  }
  return settings_;
}

std::string expected_type(const Option& row) {
  using Takes = Option::Takes;
  using Value = Option::Value;
  const bool either = row.value == Value::kSize || row.value == Value::kQuantity;
  std::string type = row.value == Value::kNumber ? "a number" : either ? "a number or a string" : "a string";
  if (row.takes == Takes::kNothing && row.value != Value::kNumber) type = "true or false";
  if (row.takes == Takes::kOptionalValue) type = "true, false or " + type;
  if (row.comma_list) type += ", an array of strings or a table of booleans";
  if (row.repeatable) type += " or an array of strings";
  return type;
}

Unexpected Reader::wrong_type(const toml::key& key, const Option& row) const {
  return Unexpected(at(key.source(), quote(key.str()) + " must be " + expected_type(row)));
}

// As a person writes it, without an exponent.
std::string decimal(double number) {
  std::array<char, 512> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, std::chars_format::fixed).ptr;
  return {digits.data(), end};
}

// An array is either several values or, for a comma-separated option, the parts of one.
Result<void> Reader::read_array(const Option& row, const toml::key& key, const toml::array& array) {
  std::string joined;
  for (const toml::node& element : array) {
    const auto* text = element.as_string();
    if (text == nullptr || (!row.repeatable && !row.comma_list)) return wrong_type(key, row);
    if (row.repeatable) add(row, key, text->get());
    joined += (joined.empty() ? "" : ",") + text->get();
  }
  if (row.comma_list && !joined.empty()) add(row, key, joined);
  return {};
}

// preserve = { xattr = false }: parts turned on by the option, or off by its "no-" partner.
Result<void> Reader::read_parts(const Option& row, const toml::key& key, const toml::table& parts) {
  const Option* off = find_option(table_, "no-" + std::string(row.name));
  if (!row.comma_list || off == nullptr) return wrong_type(key, row);
  for (const auto& [part, node] : parts) {
    const auto* on = node.as_boolean();
    if (on == nullptr) return Unexpected(at(part.source(), quote(part.str()) + " must be true or false"));
    add(on->get() ? row : *off, part, std::string(part.str()));
    settings_.back().adds = on->get() && row.add != nullptr;
  }
  return {};
}

Result<void> Reader::read_key(const toml::key& key, const toml::node& node) {
  const std::string name(key.str());
  const Option* row = find_option(table_, name);
  if (row == nullptr || row->command_line_only) {
    std::vector<std::string> known;
    for (const Option& option : table_) {
      if (!option.command_line_only) known.emplace_back(option.name);
    }
    return Unexpected(at(key.source(), "unknown key " + quote(name) + suggestion(name, known)));
  }
  const bool takes_value = row->takes != Option::Takes::kNothing;
  using Value = Option::Value;
  const bool is_quantity = row->value == Value::kQuantity;
  const bool is_number = row->value == Value::kNumber || row->value == Value::kSize || is_quantity;
  if (const auto* boolean = node.as_boolean(); boolean != nullptr && row->takes != Option::Takes::kValue) {
    if (!takes_value && row->value != Option::Value::kNumber) {
      add(*row, key, boolean->get() ? "true" : "false");
    } else if (boolean->get()) {
      add(*row, key, takes_value ? std::string(row->bare) : "1");
    }
    return {};
  }
  if (const auto* number = node.as_integer(); number != nullptr && is_number) {
    add(*row, key, std::to_string(number->get()));
    return {};
  }
  if (const auto* number = node.as_floating_point(); number != nullptr && is_quantity) {
    add(*row, key, decimal(number->get()));
    return {};
  }
  if (const auto* text = node.as_string(); text != nullptr && takes_value && row->value != Option::Value::kNumber) {
    add(*row, key, text->get());
    return {};
  }
  if (const auto* array = node.as_array(); array != nullptr) return read_array(*row, key, *array);
  if (const auto* parts = node.as_table(); parts != nullptr) return read_parts(*row, key, *parts);
  return wrong_type(key, *row);
}

}  // namespace

std::string config_path(const Environment& environment) {
  if (const auto base = environment.get("XDG_CONFIG_HOME")) return *base + "/mtask/config.toml";
  if (const auto home = environment.get("HOME")) return *home + "/.config/mtask/config.toml";
  return {};
}

Result<std::vector<Setting>> read_config_file(const std::string& path, std::string_view command,
                                              const OptionTable& table) {
  if (path.empty()) return std::vector<Setting>{};
  auto text = read_regular_file(path);
  if (!text &&
      (text.error().code == std::errc::no_such_file_or_directory || text.error().code == std::errc::not_a_directory)) {
    return std::vector<Setting>{};
  }
  if (!text) return Unexpected(std::move(text).error());
  try {
    return Reader(path, table).read(toml::parse(*text), command);
  } catch (const toml::parse_error& error) {
    return Unexpected(
        usage_error(path + ":" + std::to_string(error.source().begin.line) + ": " + std::string(error.description())));
  }
}

}  // namespace mtask::cli
