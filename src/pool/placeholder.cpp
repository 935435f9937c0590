#include "pool/placeholder.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/text.hpp"

namespace mtask::pool {
namespace {

using Op = Placeholder::Op;
using Found = PlaceholderSyntax::Found;
using MaybePlaceholder = std::optional<Placeholder>;

struct Plain {
  std::string_view text;
  Op op;
  std::size_t count;
};

constexpr std::array kAlways = {Plain{"/", Op::kBase, 0},        Plain{"//", Op::kDirectory, 0},
                                Plain{".", Op::kNoExtension, 1}, Plain{"/.", Op::kBaseNoExtension, 1},
                                Plain{"#", Op::kSequence, 0},    Plain{"%", Op::kSlot, 0}};

constexpr std::array kPlus = {Plain{"..", Op::kNoExtension, 2},
                              Plain{"...", Op::kNoExtension, 3},
                              Plain{"/..", Op::kBaseNoExtension, 2},
                              Plain{"/...", Op::kBaseNoExtension, 3},
                              Plain{"+/", Op::kPlusDirectory, 0},
                              Plain{"+.", Op::kExtensions, 1},
                              Plain{"+..", Op::kExtensions, 2},
                              Plain{"+...", Op::kExtensions, 3},
                              Plain{"##", Op::kTotal, 0},
                              Plain{"slot", Op::kSlot, 0}};

constexpr std::array<std::string_view, 7> kRefused = {"choose_k", "uniq", "host", "sshlogin", "hgrp", "agrp", "0%"};

template <std::size_t kSize>
MaybePlaceholder plain(const std::array<Plain, kSize>& table, std::string_view inner) {
  const auto found = std::find_if(table.begin(), table.end(), [&](const Plain& each) { return each.text == inner; });
  if (found == table.end()) return std::nullopt;
  Placeholder placeholder;
  placeholder.op = found->op;
  placeholder.count = found->count;
  return placeholder;
}

std::optional<std::size_t> number(std::string_view digits) {
  std::size_t value = 0;
  const auto [end, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (wrong != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

Result<MaybePlaceholder> with_pattern(Op op, std::string_view pattern, std::string_view text = {}) {
  Pattern::Options options;
  options.lazy = op == Op::kShortestPrefix || op == Op::kShortestSuffix;
  options.to_end = op == Op::kShortestSuffix || op == Op::kLongestSuffix || op == Op::kReplaceSuffix;
  Result<Pattern> compiled = Pattern::compile(pattern, options);
  if (!compiled) return Unexpected(std::move(compiled).error());
  Placeholder placeholder;
  placeholder.op = op;
  placeholder.text = text;
  placeholder.pattern = std::make_shared<const Pattern>(*std::move(compiled));
  return MaybePlaceholder(std::move(placeholder));
}

// {:-text} {:offset} {:offset:count}
MaybePlaceholder colon(std::string_view rest) {
  Placeholder placeholder;
  if (rest.size() > 1 && rest[0] == '-') {
    placeholder.op = Op::kDefault;
    placeholder.text = rest.substr(1);
    return placeholder;
  }
  placeholder.op = Op::kSubstring;
  const std::size_t second = std::min(rest.find(':'), rest.size());
  const std::optional<std::size_t> offset = number(rest.substr(0, second));
  if (!offset) return std::nullopt;
  placeholder.offset = *offset;
  if (second == rest.size()) return placeholder;
  placeholder.count = number(rest.substr(second + 1));
  return placeholder.count ? MaybePlaceholder(placeholder) : std::nullopt;
}

// {/x/text} {//x/text} {/#x/text} {/%x/text}, without the first slash
Result<MaybePlaceholder> slash(std::string_view rest) {
  if (rest.empty()) return MaybePlaceholder();
  Op op = Op::kReplaceFirst;
  if (rest[0] == '/') op = Op::kReplaceAll;
  if (rest[0] == '#') op = Op::kReplacePrefix;
  if (rest[0] == '%') op = Op::kReplaceSuffix;
  if (op != Op::kReplaceFirst) rest.remove_prefix(1);
  const std::size_t end = rest.find('/');
  if (end == std::string_view::npos || end == 0) return MaybePlaceholder();
  return with_pattern(op, rest.substr(0, end), rest.substr(end + 1));
}

struct Prefix {
  std::string_view text;
  Op op;
};
constexpr std::array kWithPattern = {Prefix{"##", Op::kLongestPrefix}, Prefix{"#", Op::kShortestPrefix},
                                     Prefix{"%%", Op::kLongestSuffix}, Prefix{"%", Op::kShortestSuffix},
                                     Prefix{"^^", Op::kUpperAll},      Prefix{"^", Op::kUpperFirst},
                                     Prefix{",,", Op::kLowerAll},      Prefix{",", Op::kLowerFirst}};

Result<MaybePlaceholder> plus_form(std::string_view inner) {
  if (std::find(kRefused.begin(), kRefused.end(), inner) != kRefused.end())
    return Unexpected(usage_error("the placeholder " + quote("{" + std::string(inner) + "}") + " is not supported"));
  if (MaybePlaceholder known = plain(kPlus, inner)) return known;
  if (inner.empty()) return MaybePlaceholder();
  if (inner[0] == ':') return colon(inner.substr(1));
  if (inner[0] == '/') return slash(inner.substr(1));
  for (const Prefix& each : kWithPattern) {
    if (inner.starts_with(each.text) && inner.size() > each.text.size())
      return with_pattern(each.op, inner.substr(each.text.size()));
  }
  return MaybePlaceholder();
}

// Takes {2 and {-1 and the blanks after them off.
int take_position(std::string_view& inner) {
  std::size_t end = inner.starts_with('-') ? 1 : 0;
  const std::size_t first = end;
  while (end < inner.size() && inner[end] >= '0' && inner[end] <= '9') ++end;
  if (end == first) return 0;
  int position = 0;
  if (std::from_chars(inner.data(), inner.data() + end, position).ec != std::errc()) return 0;
  while (end < inner.size() && (inner[end] == ' ' || inner[end] == '\t')) ++end;
  inner.remove_prefix(end);
  return position;
}

std::optional<Found> named(const std::vector<std::string>& names, std::string_view text) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty() || !text.substr(1).starts_with(names[i])) continue;
    const std::string_view rest = text.substr(1 + names[i].size());
    const std::size_t end = rest.find('}');
    if (end == std::string_view::npos) continue;
    MaybePlaceholder placeholder = plain(kAlways, rest.substr(0, end));
    if (end == 0) placeholder.emplace();
    if (!placeholder || !placeholder->of_value()) continue;
    placeholder->position = static_cast<int>(i) + 1;
    return Found{*std::move(placeholder), 1 + names[i].size() + end + 1};
  }
  return std::nullopt;
}

}  // namespace

Result<std::optional<PlaceholderSyntax::Found>> PlaceholderSyntax::at_start(std::string_view text) const {
  using Maybe = std::optional<Found>;
  if (!replacement.empty() && text.starts_with(replacement)) return Maybe(Found{{}, replacement.size()});
  if (!text.starts_with('{')) return Maybe();
  if (text.starts_with("{="))
    return Unexpected(usage_error("Perl code in a command, {= … =}, is not supported: " + quote(text)));
  if (Maybe found = named(names, text)) return found;
  const std::size_t end = text.find('}');
  if (end == std::string_view::npos) return Maybe();

  std::string_view inner = text.substr(1, end - 1);
  if (plus && inner == "0#") {
    Placeholder padded;
    padded.op = Op::kPaddedSequence;
    return Maybe(Found{padded, end + 1});
  }
  const bool refused = plus && inner == "0%";
  const int position = refused ? 0 : take_position(inner);
  const std::string_view written = text.substr(1, end - 1);
  MaybePlaceholder placeholder;
  if (replacement.starts_with('{') && inner.size() < written.size() &&
      text.substr(end - inner.size()).starts_with(std::string_view(replacement).substr(1))) {
    placeholder.emplace();
    placeholder->position = position;
    return Maybe(Found{*placeholder, end - inner.size() + replacement.size() - 1});
  }
  placeholder = plain(kAlways, inner);
  if (!placeholder && plus) {
    Result<MaybePlaceholder> more = plus_form(inner);
    if (!more) return Unexpected(std::move(more).error());
    placeholder = *std::move(more);
  }
  if (!placeholder) return Maybe();
  placeholder->position = position;
  return Maybe(Found{*std::move(placeholder), end + 1});
}

}  // namespace mtask::pool
