#include "gen/value_format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/text.hpp"
#include "gen/number.hpp"

namespace mtask::gen {
namespace {

enum class Wants { kText, kInteger, kReal, kAny };

// What the letter at the end of a format asks for.
Wants wanted(std::string_view spec) {
  if (spec.size() < 3) return Wants::kAny;
  const char last = spec[spec.size() - 2];  // before the brace
  if (std::string_view("bBdoxXc").find(last) != std::string_view::npos) return Wants::kInteger;
  if (std::string_view("aAeEfFgG").find(last) != std::string_view::npos) return Wants::kReal;
  return last == 's' ? Wants::kText : Wants::kAny;
}

template <class Value>
void write(const std::string& spec, const Value& value, std::string& out) {
  fmt::vformat_to(std::back_inserter(out), spec, fmt::make_format_args(value));
}

bool read_real(std::string_view text, double& value) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return read.ec == std::errc() && read.ptr == text.data() + text.size();
}

bool read_integer(std::string_view text, std::int64_t& value) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec == std::errc() && read.ptr == text.data() + text.size()) return true;
  double real = 0;
  if (!read_real(text, real) || real != std::floor(real) || std::abs(real) >= 0x1p63) return false;
  value = static_cast<std::int64_t>(real);
  return true;
}

bool is_whole_number(std::string_view text) {
  return is_plain_number(text) && text.find('.') == std::string_view::npos;
}

// A whole number beyond 64 bits by a format that ends in d: as fmt would, if it knew numbers of that size.
void write_large(std::string_view spec, std::string_view number, std::string& out) {
  spec = spec.substr(2, spec.size() - 4);
  std::string place = ">";
  if (const std::size_t align = spec.find_first_of("<>^"); align != std::string_view::npos) {
    place = spec.substr(0, align + 1);
    spec.remove_prefix(align + 1);
  }
  std::string text(number);
  if (!spec.empty() && (spec.front() == '+' || spec.front() == ' ') && !text.starts_with('-')) {
    text.insert(text.begin(), spec.front());
  }
  spec.remove_prefix(std::min(spec.find_first_not_of("+- #"), spec.size()));
  if (spec.starts_with('0')) {
    std::size_t width = 0;
    std::from_chars(spec.data(), spec.data() + spec.size(), width);
    const std::size_t sign = text.front() >= '0' ? 0 : 1;
    if (text.size() < width) text.insert(sign, width - text.size(), '0');
    spec = {};
  }
  write("{:" + place + std::string(spec) + "}", text, out);
}

// `shown` is the template, for people.
Result<void> write_text(const std::string& spec, const std::string& shown, std::string_view text, bool is_number,
                        std::string& out) {
  const Wants wants = wanted(spec);
  const auto refused = [&](const std::string& why) {
    return Unexpected(Error{ErrorKind::kItem, {}, quote(text) + " is " + why + ", as " + quote(shown) + " needs"});
  };
  try {
    std::int64_t integer = 0;
    double real = 0;
    if (wants == Wants::kInteger) {
      if (read_integer(text, integer)) {
        write(spec, integer, out);
      } else if (!is_whole_number(text)) {
        return refused("not a whole number");
      } else if (spec[spec.size() - 2] != 'd') {
        return Unexpected(
            Error{ErrorKind::kItem, {}, quote(text) + " is beyond 64 bits, which " + quote(shown) + " does not take"});
      } else {
        write_large(spec, text, out);
      }
    } else if (wants == Wants::kReal) {
      if (!read_real(text, real)) return refused("not a number");
      write(spec, real, out);
    } else if (wants == Wants::kAny && is_number && read_integer(text, integer) &&
               text.find('.') == std::string_view::npos) {
      write(spec, integer, out);
    } else if (wants == Wants::kAny && is_number && spec.find('.') != std::string::npos && read_real(text, real)) {
      write(spec, real, out);
    } else {
      // A number keeps its digits, but is placed as numbers are.
      const bool placed = spec.find_first_of("<>^=") != std::string::npos;
      if (is_number && !placed && (spec[2] == '0' || spec[2] == '+' || spec[2] == ' ') && read_real(text, real)) {
        write(spec, real, out);
        return {};
      }
      const std::string as_number = is_number && !placed ? "{:>" + spec.substr(2) : spec;
      write(as_number, text, out);
    }
  } catch (const fmt::format_error& error) {
    return Unexpected(
        Error{ErrorKind::kItem, {}, "cannot format " + quote(text) + " by " + quote(shown) + ": " + error.what()});
  }
  return {};
}

constexpr std::string_view kDigits = "0123456789";
constexpr unsigned kWidest = 65'535;

// A format that fits no kind of value is wrong in itself.
Result<void> check_spec(const std::string& spec) {
  for (std::size_t at = 0; (at = spec.find_first_of(kDigits, at)) != std::string::npos;) {
    const std::size_t end = std::min(spec.find_first_not_of(kDigits, at), spec.size());
    unsigned number = 0;
    const auto read = std::from_chars(spec.data() + at, spec.data() + end, number);
    if (read.ec != std::errc() || number > kWidest) {
      return Unexpected(
          usage_error("is no template: " + quote(spec) + ": no width goes beyond " + std::to_string(kWidest)));
    }
    at = end;
  }
  std::string reason;
  const auto fits = [&](const auto& value) {
    try {
      std::string ignored;
      write(spec, value, ignored);
      return true;
    } catch (const fmt::format_error& error) {
      reason = error.what();
      return false;
    }
  };
  if (fits(std::int64_t{1}) || fits(1.5) || fits(std::string_view("x"))) return {};
  return Unexpected(usage_error("is no template: " + quote(spec) + ": " + reason));
}

}  // namespace

Result<ValueFormat> ValueFormat::parse(std::string_view text) {
  ValueFormat format;
  format.shown_ = text;
  std::string plain;
  const auto end_plain = [&] {
    if (!plain.empty()) format.pieces_.push_back(Piece{Piece::What::kText, plain, 0});
    plain.clear();
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c != '{' && c != '}') {
      plain += c;
      continue;
    }
    if (at + 1 < text.size() && text[at + 1] == c) {
      plain += c;
      ++at;
      continue;
    }
    const std::size_t close = text.find('}', at);
    if (c == '}' || close == std::string_view::npos) {
      return Unexpected(usage_error("is no template: a brace stands alone; write {{ or }} for the character"));
    }
    const std::string_view inside = text.substr(at + 1, close - at - 1);
    const std::size_t colon = std::min(inside.find(':'), inside.size());
    const std::string_view name = inside.substr(0, colon);
    Piece piece;
    if (name.empty() || name == "x") {
      piece.what = Piece::What::kValue;
    } else if (name == "i") {
      piece.what = Piece::What::kIndex;
    } else {
      piece.what = Piece::What::kField;
      const auto read = std::from_chars(name.data(), name.data() + name.size(), piece.field);
      if (read.ec != std::errc() || read.ptr != name.data() + name.size()) {
        return Unexpected(usage_error("is no template: {" + one_line(inside) + "} is none of {} {0} {1} {i}"));
      }
    }
    if (colon + 1 < inside.size()) {
      piece.text = "{" + std::string(inside.substr(colon)) + "}";
      if (auto checked = check_spec(piece.text); !checked) return Unexpected(std::move(checked).error());
    }
    end_plain();
    format.pieces_.push_back(std::move(piece));
    at = close;
  }
  end_plain();
  return format;
}

// A directive of printf's in the terms of the other: "%-8.2f" is "{:<8.2f}".
Result<ValueFormat> ValueFormat::parse_either(std::string_view text) {
  if (text.find('{') != std::string_view::npos || text.find('%') == std::string_view::npos) return parse(text);
  std::string pattern;
  bool directive = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '}') pattern += '}';
    if (c != '%') {
      pattern += c;
      continue;
    }
    if (at + 1 < text.size() && text[at + 1] == '%') {
      pattern += '%';
      ++at;
      continue;
    }
    const std::size_t flags_end = std::min(text.find_first_not_of("-+ 0#'", at + 1), text.size());
    const std::size_t end = std::min(text.find_first_not_of("0123456789.", flags_end), text.size());
    const char letter = end < text.size() ? text[end] : '\0';
    if (directive || letter == '\0' || std::string_view("diuxXoeEfFgGaAs").find(letter) == std::string_view::npos) {
      return Unexpected(usage_error(directive ? "has more than one % directive"
                                              : "has a % directive that is none of %d %i %u %x %X %o %e %f %g %a %s"));
    }
    directive = true;
    const std::string_view flags = text.substr(at + 1, flags_end - at - 1);
    const bool left = flags.find('-') != std::string_view::npos;
    std::string spec = letter == 's' && !left ? ">" : (left ? "<" : "");
    if (letter != 's') {
      if (flags.find('+') != std::string_view::npos) spec += '+';
      if (flags.find(' ') != std::string_view::npos) spec += ' ';
      if (flags.find('#') != std::string_view::npos) spec += '#';
      if (flags.find('0') != std::string_view::npos && !left) spec += '0';
    }
    spec += text.substr(flags_end, end - flags_end);
    spec += letter == 'i' || letter == 'u' ? 'd' : letter;
    pattern += "{:" + spec + "}";
    at = end;
  }
  auto format = parse(pattern);
  if (format) format->shown_ = text;
  return format;
}

Result<void> ValueFormat::append(const Batch& batch, std::size_t index, std::uint64_t number,
                                 std::string_view field_separator, std::string& out) const {
  std::string text;
  for (const Piece& piece : pieces_) {
    switch (piece.what) {
      case Piece::What::kText:
        out += piece.text;
        continue;
      case Piece::What::kIndex:
        text = std::to_string(number);
        break;
      case Piece::What::kValue:
        text.clear();
        batch.append_value(index, field_separator, text);
        break;
      case Piece::What::kField:
        if (piece.field >= batch.field_count(index)) {
          return Unexpected(Error{ErrorKind::kItem,
                                  {},
                                  "the value has no field {" + std::to_string(piece.field) + "}, only " +
                                      std::to_string(batch.field_count(index))});
        }
        text.clear();
        batch.append_field(index, piece.field, text);
        break;
    }
    if (piece.text.empty()) {
      out += text;
      continue;
    }
    const std::size_t field = piece.what == Piece::What::kField ? piece.field : 0;
    const bool is_number =
        piece.what == Piece::What::kIndex || (piece.what == Piece::What::kField || batch.field_count(index) == 1
                                                  ? batch.is_number(index, field) || is_plain_number(text)
                                                  : false);
    if (auto written = write_text(piece.text, shown_, text, is_number, out); !written) return written;
  }
  return {};
}

}  // namespace mtask::gen
