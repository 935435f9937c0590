// What each placeholder makes of a value.

#include <algorithm>

#include "pool/placeholder.hpp"

namespace mtask::pool {
namespace {

using Op = Placeholder::Op;

std::string_view base(std::string_view value) { return value.substr(value.rfind('/') + 1); }

// As dirname(1) does: slashes at the end do not count, "." when there is none.
std::string_view directory(std::string_view value) {
  const auto strip = [&] {
    while (value.size() > 1 && value.back() == '/') value.remove_suffix(1);
  };
  strip();
  const std::size_t slash = value.rfind('/');
  if (slash == std::string_view::npos) return ".";
  value = value.substr(0, std::max<std::size_t>(slash, 1));
  strip();
  return value;
}

// Where the last `count` extensions begin: at a dot after which no slash comes. None when there are fewer.
std::optional<std::size_t> extensions_start(std::string_view value, std::size_t count) {
  std::size_t start = value.size();
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t found = start == 0 ? std::string_view::npos : value.find_last_of("./", start - 1);
    if (found == std::string_view::npos || value[found] == '/') return std::nullopt;
    start = found;
  }
  return start;
}

std::string_view without_extensions(std::string_view value, std::size_t count) {
  const std::optional<std::size_t> start = extensions_start(value, count);
  return start ? value.substr(0, *start) : value;
}

// One extension is what follows the last dot, wherever a slash is, as parallel has it.
std::string_view extensions(std::string_view value, std::size_t count) {
  if (count == 1) {
    const std::size_t dot = value.rfind('.');
    return dot == std::string_view::npos ? std::string_view() : value.substr(dot + 1);
  }
  const std::optional<std::size_t> inner = extensions_start(value, count - 1);
  if (!inner) return {};
  const std::size_t dot = *inner == 0 ? std::string_view::npos : value.find_last_of("./", *inner - 1);
  return dot == std::string_view::npos || value[dot] != '.' ? std::string_view() : value.substr(dot + 1);
}

char changed_case(char c, bool upper) {
  if (upper && c >= 'a' && c <= 'z') return static_cast<char>(c - 'a' + 'A');
  if (!upper && c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
  return c;
}

// Hands each match that counts for `op` to `edit`, from left to right.
template <class Edit>
void for_each_match(const Placeholder& placeholder, std::string_view value, Edit edit) {
  Scanner scanner(*placeholder.pattern, value);
  switch (placeholder.op) {
    case Op::kReplaceAll:
    case Op::kUpperAll:
    case Op::kLowerAll:
      for (std::size_t at = 0; at <= value.size();) {
        const std::optional<Pattern::Match> match = scanner.search(at);
        if (!match) return;
        edit(*match);
        at = match->end == match->begin ? match->end + 1 : match->end;
      }
      return;
    case Op::kShortestSuffix:
      if (const auto match = scanner.search_back(value.size())) edit(*match);
      return;
    case Op::kLongestSuffix:
    case Op::kReplaceFirst:
    case Op::kReplaceSuffix:
      if (const auto match = scanner.search(0)) edit(*match);
      return;
    default:
      if (const auto match = scanner.match_at(0)) edit(*match);
  }
}

std::string_view edited(const Placeholder& placeholder, std::string_view value, std::string& scratch) {
  scratch.clear();
  std::size_t copied = 0;
  const bool upper = placeholder.op == Op::kUpperFirst || placeholder.op == Op::kUpperAll;
  const bool changes_case = upper || placeholder.op == Op::kLowerFirst || placeholder.op == Op::kLowerAll;
  for_each_match(placeholder, value, [&](const Pattern::Match& match) {
    scratch += value.substr(copied, match.begin - copied);
    if (changes_case) {
      for (std::size_t i = match.begin; i < match.end; ++i) scratch += changed_case(value[i], upper);
    } else {
      scratch += placeholder.text;
    }
    copied = match.end;
  });
  scratch += value.substr(copied);
  return scratch;
}

}  // namespace

std::string_view Placeholder::apply(std::string_view value, std::string& scratch) const {
  switch (op) {
    case Op::kValue:
      return value;
    case Op::kBase:
      return base(value);
    case Op::kDirectory:
      return directory(value);
    case Op::kNoExtension:
      return without_extensions(value, *count);
    case Op::kBaseNoExtension:
      return without_extensions(base(value), *count);
    case Op::kPlusDirectory: {
      const std::size_t slash = value.rfind('/');
      return slash == std::string_view::npos ? std::string_view() : value.substr(0, slash);
    }
    case Op::kExtensions:
      return extensions(value, *count);
    case Op::kDefault:
      return value.empty() || value == "0" ? std::string_view(text) : value;  // Perl's idea of nothing
    case Op::kSubstring:
      return value.substr(std::min(offset, value.size()), count.value_or(std::string_view::npos));
    default:
      return edited(*this, value, scratch);
  }
}

}  // namespace mtask::pool
