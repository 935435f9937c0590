#include "pool/results_name.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace mtask::pool {
namespace {

constexpr std::size_t kLongestName = 255;
constexpr std::size_t kHashed = 17;  // "~" and 16 hexadecimal digits

// What Perl makes of a text that is compared as a number: the number it begins with, else 0.
double number_of(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\n\r\f\v"), text.size()));
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  static_cast<void>(std::from_chars(text.data(), text.data() + text.size(), number));
  return std::isnan(number) ? 0 : number;
}

}  // namespace

std::string results_name(std::string_view text) {
  if (text == "." || text == "..") return '\\' + std::string(text);
  std::string name;
  name.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '\\':
        name += "\\\\";
        break;
      case '\t':
        name += "\\t";
        break;
      case '\0':
        name += "\\0";
        break;
      case '/':
        name += "\\_";
        break;
      default:
        name += c;
    }
  }
  if (name.size() <= kLongestName) return name;
  char hash[kHashed + 1];
  std::snprintf(hash, sizeof(hash), "~%016llx", static_cast<unsigned long long>(XXH3_64bits(text.data(), text.size())));
  name.resize(kLongestName - kHashed);
  return name.append(hash, kHashed);
}

std::vector<std::size_t> results_order(const std::vector<std::pair<std::string, std::string>>& values) {
  std::vector<std::size_t> order;
  order.reserve(values.size());
  const auto before = [&values](std::size_t a, std::size_t b) {
    const double number_a = number_of(values[a].first);
    const double number_b = number_of(values[b].first);
    return number_a != number_b ? number_a < number_b : values[a].first < values[b].first;
  };
  std::size_t group = 0;
  const auto sort_group = [&] {
    std::stable_sort(order.begin() + static_cast<std::ptrdiff_t>(group), order.end(), before);
    group = order.size();
  };
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto same_name = [&](std::size_t other) { return values[other].first == values[i].first; };
    if (std::any_of(order.begin() + static_cast<std::ptrdiff_t>(group), order.end(), same_name)) sort_group();
    order.push_back(i);
  }
  sort_group();
  return order;
}

}  // namespace mtask::pool
