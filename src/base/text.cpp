#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "base/utf8.hpp"

namespace mtask {
namespace {

void append_escaped(std::string& out, std::string_view bytes) {
  constexpr std::string_view kHex = "0123456789abcdef";
  for (const char c : bytes) {
    switch (c) {
      case '\n':
        out += "\\n";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\r':
        out += "\\r";
        break;
      default: {
        const auto byte = static_cast<unsigned char>(c);
        out += "\\x";
        out += kHex[byte >> 4];
        out += kHex[byte & 15];
      }
    }
  }
}

void append_line(std::string& out, std::string_view text, std::string_view backslash_before) {
  while (!text.empty()) {
    const Utf8Letter letter = first_letter(text);
    const std::string_view bytes = text.substr(0, letter.length);
    if (!letter.valid || !is_printable(letter.code)) {
      append_escaped(out, bytes);
    } else {
      if (backslash_before.find(bytes) != std::string_view::npos) out += '\\';
      out += bytes;
    }
    text.remove_prefix(letter.length);
  }
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before.swap(last);
    last.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

std::string quote(std::string_view name) {
  std::string out;
  out.reserve(name.size() + 2);
  out += '\'';
  append_line(out, name, "'\\");
  out += '\'';
  return out;
}

std::string one_line(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  append_line(out, text, {});
  return out;
}

std::string nearest(std::string_view word, std::span<const std::string_view> candidates) {
  const auto begins = [&](std::string_view candidate) { return word.size() > 1 && candidate.starts_with(word); };
  if (std::count_if(candidates.begin(), candidates.end(), begins) == 1) {
    return std::string(*std::find_if(candidates.begin(), candidates.end(), begins));
  }
  std::string_view best;
  std::size_t best_distance = word.size();  // all letters changed is no slip
  for (const std::string_view candidate : candidates) {
    const std::size_t longer = std::max(word.size(), candidate.size());
    const std::size_t allowed = std::max<std::size_t>(1, longer / 3);
    if (longer - std::min(word.size(), candidate.size()) > allowed) continue;
    const std::size_t distance = edit_distance(word, candidate);
    if (distance > allowed || distance >= best_distance) continue;
    best = candidate;
    best_distance = distance;
  }
  return std::string(best);
}

}  // namespace mtask
