#include "cli/option_rows.hpp"

#include "base/units.hpp"

namespace mtask::cli {

Option& RowAdder::add(const RowText& text) {
  Option row;
  row.name = text.name;
  row.letters = text.letters;
  row.placeholder = text.placeholder;
  row.group = group_;
  row.help = text.help;
  row.man = text.man;
  table_.push_back(std::move(row));
  return table_.back();
}

Option& RowAdder::flag(const RowText& text, bool& target) {
  Option& row = add(text);
  row.set = set_flag(target);
  return row;
}

Option& RowAdder::value(const RowText& text, std::function<Result<void>(std::string_view)> set, Option::Value kind) {
  Option& row = add(text);
  row.takes = Option::Takes::kValue;
  row.value = kind;
  row.set = std::move(set);
  return row;
}

Option& RowAdder::text(const RowText& text, std::string& target, Option::Value kind) {
  return value(text, set_text(target), kind);
}

Option& RowAdder::text(const RowText& text, std::optional<std::string>& target, Option::Value kind) {
  const auto set = [&target](std::string_view given) -> Result<void> {
    target = given;
    return {};
  };
  return value(text, set, kind);
}

Option& RowAdder::number(const RowText& text, std::uint64_t& target, std::uint64_t least, std::uint64_t most) {
  const auto set = [&target, least, most](std::string_view given) -> Result<void> {
    const auto number = parse_number(given, least, most);
    if (!number) return Unexpected(number.error());
    target = *number;
    return {};
  };
  return value(text, set, Option::Value::kNumber);
}

Option& RowAdder::size(const RowText& text, std::uint64_t& target) {
  const auto set = [&target](std::string_view given) -> Result<void> {
    const auto bytes = parse_size(given);
    if (!bytes) return Unexpected(bytes.error());
    target = *bytes;
    return {};
  };
  return value(text, set, Option::Value::kSize);
}

Option& RowAdder::duration(const RowText& text, std::chrono::milliseconds& target) {
  const auto set = [&target](std::string_view given) -> Result<void> {
    const auto duration = parse_duration(given);
    if (!duration) return Unexpected(duration.error());
    target = std::chrono::ceil<std::chrono::milliseconds>(*duration);
    return {};
  };
  return value(text, set, Option::Value::kQuantity);
}

void RowAdder::alias(std::string_view name, std::string_view other) {
  const Option* const shown = find_option(table_, name);
  Option row = *shown;
  row.name = other;
  row.letters = {};
  row.alias_of = name;
  row.hidden = true;
  table_.push_back(std::move(row));
}

}  // namespace mtask::cli
