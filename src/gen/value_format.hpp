#pragma once
// Templates for values: `{}` (the value), `{0}` `{1}` … (its fields), `{i}` (its index, from 0), each with an optional
// format as of the fmt library and Python (`{0:05d}`, `{:>8}`, `{:.2f}`); or printf's `%05d`, `%.2f`, `%s` for the
// value, once.
// `{{`, `}}` and `%%` are the characters themselves.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gen/batch.hpp"
#include "mtask/result.hpp"

namespace mtask::gen {

class ValueFormat {
 public:
  // Errors are usage errors: what is wrong with the text.
  [[nodiscard]] static Result<ValueFormat> parse(std::string_view text);
  // As of printf where `text` has a directive and no braces.
  [[nodiscard]] static Result<ValueFormat> parse_either(std::string_view text);

  // Appends the value at `index` of `batch`, which is number `number` of its stream. Fails when a field is missing or
  // is no number where the format needs one.
  [[nodiscard]] Result<void> append(const Batch& batch, std::size_t index, std::uint64_t number,
                                    std::string_view field_separator, std::string& out) const;

 private:
  struct Piece {
    enum class What { kText, kValue, kField, kIndex };
    What what = What::kText;
    std::string text;  // itself, or the format of the rest as "{:…}"; empty: as it is
    std::size_t field = 0;
  };
  std::string shown_;  // the template as it was given
  std::vector<Piece> pieces_;
};

}  // namespace mtask::gen
