#include "base/utf8.hpp"

#include <algorithm>
#include <array>

namespace mtask {
namespace {

struct Range {
  char32_t first, last;
};

constexpr std::array kUnprintable = {
    Range{0x00, 0x1f},     Range{0x7f, 0x9f},       Range{0xad, 0xad},        Range{0x61c, 0x61c},
    Range{0x180e, 0x180e}, Range{0x200b, 0x200f},   Range{0x2028, 0x202e},    Range{0x2060, 0x206f},
    Range{0xe000, 0xf8ff}, Range{0xfdd0, 0xfdef},   Range{0xfeff, 0xfeff},    Range{0xfff0, 0xfffb},
    Range{0xfffe, 0xffff}, Range{0xe0000, 0xe0fff}, Range{0xf0000, 0x10ffff},
};

constexpr unsigned byte_at(std::string_view text, std::size_t i) { return static_cast<unsigned char>(text[i]); }

}  // namespace

Utf8Letter first_letter(std::string_view text) noexcept {
  constexpr Utf8Letter kInvalid{};
  const unsigned lead = byte_at(text, 0);
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return kInvalid;
  char32_t code = lead & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const unsigned byte = byte_at(text, i);
    if ((byte & 0xc0) != 0x80) return kInvalid;
    code = code << 6 | (byte & 0x3f);
  }
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  if (overlong || surrogate || code > 0x10ffff) return kInvalid;
  return {code, length, true};
}

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const Utf8Letter letter = first_letter(text);
    if (!letter.valid) return false;
    text.remove_prefix(letter.length);
  }
  return true;
}

bool is_printable(char32_t code) noexcept {
  if (code >= 0x20 && code < 0x7f) return true;
  return std::none_of(kUnprintable.begin(), kUnprintable.end(),
                      [code](Range range) { return code >= range.first && code <= range.last; });
}

void append_utf8(std::string& out, char32_t code) {
  const auto put = [&out](char32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6);
    put(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  } else {
    put(0xf0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3f));
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  }
}

}  // namespace mtask
