#pragma once
// Short ways to write rows of the usual shapes. All texts are string literals; targets must outlive the table.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "cli/option.hpp"

namespace mtask::cli {

// The texts of a row.
struct RowText {
  std::string_view name{};
  std::string_view letters{};
  std::string_view placeholder{};
  std::string_view help{};
  std::string_view man{};
};

// Adds rows of one group.
class RowAdder {
 public:
  RowAdder(OptionTable& table, std::string_view group) : table_(table), group_(group) {}

  Option& flag(const RowText& text, bool& target);
  Option& value(const RowText& text, std::function<Result<void>(std::string_view)> set,
                Option::Value kind = Option::Value::kText);
  Option& text(const RowText& text, std::string& target, Option::Value kind = Option::Value::kText);
  Option& text(const RowText& text, std::optional<std::string>& target, Option::Value kind = Option::Value::kText);
  Option& number(const RowText& text, std::uint64_t& target, std::uint64_t least, std::uint64_t most);
  Option& size(const RowText& text, std::uint64_t& target);
  Option& duration(const RowText& text, std::chrono::milliseconds& target);

  // Another name for the row `name`, for the habit of it; shown in the manual alone. Call after that row was added.
  void alias(std::string_view name, std::string_view other);

 private:
  Option& add(const RowText& text);

  OptionTable& table_;
  std::string_view group_;
};

}  // namespace mtask::cli
