#include "ui/width.hpp"

#include <algorithm>
#include <iterator>

#include "base/utf8.hpp"
#include "ui/width_table.hpp"

namespace mtask::ui {
namespace {

struct Glyph {
  char32_t code = 0;
  std::size_t bytes = 1;
};

Glyph next_glyph(std::string_view text) {
  const Utf8Letter letter = first_letter(text);
  return {letter.valid ? letter.code : U'?', letter.length};
}

template <std::size_t N>
bool in_table(const Range (&table)[N], char32_t code) {
  const auto* found = std::lower_bound(std::begin(table), std::end(table), code,
                                       [](const Range& range, char32_t c) { return range.last < c; });
  return found != std::end(table) && found->first <= code;
}

std::size_t columns_of(char32_t code) {
  if (code < 0x300) return 1;
  if (in_table(kZeroWidth, code)) return 0;
  return in_table(kWide, code) ? 2 : 1;
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const Glyph glyph = next_glyph(text);
    columns += columns_of(glyph.code);
    text.remove_prefix(glyph.bytes);
  }
  return columns;
}

std::string_view prefix_of_width(std::string_view text, std::size_t columns) {
  std::size_t end = 0;
  for (std::size_t used = 0; end < text.size();) {
    const Glyph glyph = next_glyph(text.substr(end));
    used += columns_of(glyph.code);
    if (used > columns) break;
    end += glyph.bytes;
  }
  return text.substr(0, end);
}

std::string fit_middle(std::string_view text, std::size_t columns) {
  const std::size_t width = display_width(text);
  if (width <= columns) return std::string(text);
  constexpr std::string_view kGap = "...";
  if (columns <= kGap.size() + 1) return std::string(prefix_of_width(text, columns));
  const std::size_t head = (columns - kGap.size()) / 3;
  const std::size_t tail = columns - kGap.size() - head;
  // What stands before the tail is at least width - tail columns wide; a wide character on the border falls away.
  std::string_view rest = text;
  std::size_t left = width;
  while (left > tail || (!rest.empty() && columns_of(next_glyph(rest).code) == 0)) {
    const Glyph glyph = next_glyph(rest);
    left -= columns_of(glyph.code);
    rest.remove_prefix(glyph.bytes);
  }
  return std::string(prefix_of_width(text, head)).append(kGap).append(rest);
}

}  // namespace mtask::ui
