#include "pool/pattern.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.hpp"
#include "pool/byte_set.hpp"

namespace mtask::pool {
namespace {

constexpr std::size_t kLongestCode = 20'000;  // instructions
constexpr int kDeepest = 100;                 // groups in groups
constexpr std::size_t kMostRepeats = 1000;

constexpr bool is_word(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

// Reads a pattern from left to right and appends its code; recursion is as deep as its groups.
class PatternParser {
 public:
  PatternParser(std::string_view text, Pattern& out) : text_(text), code_(out.code_), out_(out) {}

  // Empty when all went well, else what is wrong.
  std::string parse() {
    alternatives(0);
    if (wrong_.empty() && more()) fail("there is a ) too many");
    return wrong_;
  }

 private:
  using Op = Pattern::Op;
  [[nodiscard]] bool more() const { return at_ < text_.size() && wrong_.empty(); }
  [[nodiscard]] bool next_is(std::string_view what) const { return text_.substr(at_).starts_with(what); }
  void fail(std::string_view why) {
    if (wrong_.empty()) wrong_ = why;
  }
  void emit(Op op, std::int32_t x = 0, std::int32_t y = 0) {
    if (code_.size() >= kLongestCode) return fail("it is too long");
    code_.push_back({op, x, y});
  }
  void emit_set(const ByteSet& set) {
    out_.sets_.push_back(set);
    emit(Op::kSet, static_cast<std::int32_t>(out_.sets_.size() - 1));
  }
  [[nodiscard]] std::int32_t length_from(std::size_t start) const {
    return static_cast<std::int32_t>(code_.size() - start);
  }
  void insert_split(std::size_t start, std::int32_t into, std::int32_t past, bool lazy) {
    if (code_.size() >= kLongestCode) return fail("it is too long");
    const Pattern::Instruction split =
        lazy ? Pattern::Instruction{Op::kSplit, past, into} : Pattern::Instruction{Op::kSplit, into, past};
    code_.insert(code_.begin() + static_cast<std::ptrdiff_t>(start), split);
  }

  void alternatives(int depth) {
    if (depth > kDeepest) return fail("its groups are too deep");
    std::vector<std::size_t> jumps;  // over the alternatives after them
    for (;;) {
      const std::size_t start = code_.size();
      while (more() && text_[at_] != '|' && text_[at_] != ')') repeated_atom(depth);
      if (!more() || text_[at_] != '|') break;
      ++at_;
      insert_split(start, 1, length_from(start) + 2, false);
      jumps.push_back(code_.size());
      emit(Op::kJump);
    }
    if (!wrong_.empty()) return;
    for (const std::size_t jump : jumps) code_[jump].x = length_from(jump);
  }

  void repeated_atom(int depth) {
    const std::size_t text_start = at_;
    const std::size_t start = code_.size();
    atom(depth);
    const std::size_t text_end = at_;
    if (!more()) return;
    std::size_t least = 1;
    std::optional<std::size_t> most = 1;
    if (!quantifier(least, most)) return;
    bool lazy = more() && text_[at_] == '?';
    if (lazy) ++at_;
    if (more() && (text_[at_] == '+' || text_[at_] == '*' || text_[at_] == '?'))
      return fail("it has two repetitions in a row");
    lazy = lazy != out_.options_.lazy;
    repeat({text_start, text_end, start, depth}, least, most, lazy);
  }

  struct Repeated {
    std::size_t text_start;
    std::size_t text_end;
    std::size_t code_start;
    int depth;
  };

  // Another copy of what was read before.
  void copy_of(const Repeated& part) {
    const std::size_t here = at_;
    at_ = part.text_start;
    atom(part.depth);
    at_ = here;
  }

  void repeat(const Repeated& part, std::size_t least, std::optional<std::size_t> most, bool lazy) {
    if (least > kMostRepeats || most.value_or(0) > kMostRepeats) return fail("it repeats too often");
    if (most && *most < least) return fail("its {m,n} has m above n");
    if (most && *most == 0) return code_.resize(part.code_start);
    if (!most) {
      for (std::size_t i = 1; i < least && wrong_.empty(); ++i) copy_of(part);
      if (least > 0) {  // once more, or go on
        if (least > 1) {
          const std::size_t last = code_.size();
          copy_of(part);
          return loop(last, lazy);
        }
        const std::int32_t back = -length_from(part.code_start);
        return lazy ? emit(Op::kSplit, 1, back) : emit(Op::kSplit, back, 1);
      }
      return loop(part.code_start, lazy);
    }
    for (std::size_t i = 1; i < least && wrong_.empty(); ++i) copy_of(part);
    std::vector<std::size_t> splits;
    for (std::size_t i = least; i < *most && wrong_.empty(); ++i) {
      if (i == 0) {
        insert_split(part.code_start, 1, 0, lazy);
        splits.push_back(part.code_start);
        continue;
      }
      splits.push_back(code_.size());
      lazy ? emit(Op::kSplit, 0, 1) : emit(Op::kSplit, 1, 0);
      copy_of(part);
    }
    if (!wrong_.empty()) return;
    for (const std::size_t split : splits) (lazy ? code_[split].x : code_[split].y) = length_from(split);
  }

  // Turns the code from `start` into a loop that may run zero times.
  void loop(std::size_t start, bool lazy) {
    insert_split(start, 1, length_from(start) + 2, lazy);
    emit(Op::kJump, -length_from(start));
  }

  bool quantifier(std::size_t& least, std::optional<std::size_t>& most) {
    switch (text_[at_]) {
      case '*':
        least = 0;
        most.reset();
        break;
      case '+':
        most.reset();
        break;
      case '?':
        least = 0;
        break;
      case '{':
        return braces(least, most);
      default:
        return false;
    }
    ++at_;
    return true;
  }

  // {m} {m,} {m,n}; any other brace is itself.
  bool braces(std::size_t& least, std::optional<std::size_t>& most) {
    std::size_t at = at_ + 1;
    const auto number = [&]() -> std::optional<std::size_t> {
      const std::size_t first = at;
      std::size_t value = 0;
      while (at < text_.size() && text_[at] >= '0' && text_[at] <= '9')
        value = std::min(kMostRepeats + 1, value * 10 + static_cast<std::size_t>(text_[at++] - '0'));
      return at == first ? std::nullopt : std::optional(value);
    };
    const std::optional<std::size_t> low = number();
    if (!low) return false;
    std::optional<std::size_t> high = low;
    if (at < text_.size() && text_[at] == ',') {
      ++at;
      high = number();
    }
    if (at >= text_.size() || text_[at] != '}') return false;
    least = *low;
    most = high;
    at_ = at + 1;
    return true;
  }

  void atom(int depth) {
    const char c = text_[at_++];
    switch (c) {
      case '(':
        return group(depth);
      case '[':
        return bracket();
      case '.':
        return emit_set(~byte_set_of('\n'));
      case '^':
        return emit(Op::kLineStart);
      case '$':
        return emit(Op::kLineEnd);
      case '\\':
        return escape();
      case '*':
      case '+':
      case '?':
        return fail("there is nothing to repeat");
      default:
        emit_set(byte_set_of(static_cast<unsigned char>(c)));
    }
  }

  void group(int depth) {
    const std::size_t start = code_.size();
    std::optional<bool> ahead;
    if (next_is("?=") || next_is("?!")) {
      ahead = text_[at_ + 1] == '=';
      at_ += 2;
      emit(Op::kAhead, 0, *ahead ? 1 : 0);
    } else if (next_is("?:")) {
      at_ += 2;
    } else if (next_is("?")) {
      return fail("(? is known only as (?: (?= and (?!");
    }
    alternatives(depth + 1);
    if (!more() || text_[at_] != ')') return fail("a ) is missing");
    ++at_;
    if (!ahead) return;
    emit(Op::kMatch);
    if (wrong_.empty()) code_[start].x = length_from(start);
  }

  void escape() {
    if (!more()) return fail("it ends in a backslash");
    const char c = text_[at_];
    if (c == 'b' || c == 'B') {
      ++at_;
      return emit(Op::kBoundary, c == 'b' ? 1 : 0);
    }
    if (const std::optional<ByteSet> set = class_of_escape(c)) {
      ++at_;
      return emit_set(*set);
    }
    if (const std::optional<unsigned char> byte = escaped_byte()) emit_set(byte_set_of(*byte));
  }

  std::optional<unsigned char> escaped_byte() {
    const char c = text_[at_++];
    constexpr std::string_view kNames = "tnrfv0ae";
    constexpr std::array<unsigned char, 8> kBytes = {'\t', '\n', '\r', '\f', '\v', 0, 7, 27};
    if (const std::size_t found = kNames.find(c); found != std::string_view::npos) return kBytes[found];
    if (c == 'x') {
      unsigned value = 0;
      for (int i = 0; i < 2; ++i, ++at_) {
        constexpr std::string_view kHex = "0123456789abcdef";
        const std::size_t digit = more() ? kHex.find(static_cast<char>(text_[at_] | 0x20)) : std::string_view::npos;
        if (digit == std::string_view::npos) {
          fail("\\x needs two hexadecimal digits");
          return std::nullopt;
        }
        value = value * 16 + static_cast<unsigned>(digit);
      }
      return static_cast<unsigned char>(value);
    }
    if (is_word(static_cast<unsigned char>(c))) {
      fail(std::string("\\") + c + " is not known");
      return std::nullopt;
    }
    return static_cast<unsigned char>(c);
  }

  // One byte or class inside [ ]; the class is added to `set` and gives none.
  std::optional<unsigned char> bracket_item(ByteSet& set) {
    const char c = text_[at_++];
    if (c == '[' && next_is(":")) {
      const std::size_t end = text_.find(":]", at_);
      const std::optional<ByteSet> named =
          end == std::string_view::npos ? std::nullopt : named_class(text_.substr(at_ + 1, end - at_ - 1));
      if (!named) {
        fail("it has an unknown [:class:]");
        return std::nullopt;
      }
      set |= *named;
      at_ = end + 2;
      return std::nullopt;
    }
    if (c != '\\') return static_cast<unsigned char>(c);
    if (!more()) return std::nullopt;
    if (text_[at_] == 'b') {
      ++at_;
      return static_cast<unsigned char>('\b');
    }
    if (const std::optional<ByteSet> known = class_of_escape(text_[at_])) {
      set |= *known;
      ++at_;
      return std::nullopt;
    }
    return escaped_byte();
  }

  void bracket() {
    const bool inverted = next_is("^");
    if (inverted) ++at_;
    ByteSet set;
    for (bool first = true; more() && (first || text_[at_] != ']'); first = false) {
      const std::optional<unsigned char> low = bracket_item(set);
      if (!low) continue;
      unsigned char high = *low;
      if (more() && text_[at_] == '-' && at_ + 1 < text_.size() && text_[at_ + 1] != ']') {
        ++at_;
        ByteSet other;
        const std::optional<unsigned char> end = bracket_item(other);
        if (!end || *end < *low) return fail("it has a range whose end is before its start");
        high = *end;
      }
      for (unsigned c = *low; c <= high; ++c) set.set(c);
    }
    if (!more()) return fail("a ] is missing");
    ++at_;
    emit_set(inverted ? ~set : set);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Pattern::Instruction>& code_;
  Pattern& out_;
  std::string wrong_;
};

Result<Pattern> Pattern::compile(std::string_view text, Options options) { return build({text}, false, options); }

Result<Pattern> Pattern::compile_pair(std::string_view before, std::string_view after, bool after_is_seen,
                                      Options options) {
  return build({before, after}, after_is_seen, options);
}

Result<Pattern> Pattern::build(const std::vector<std::string_view>& parts, bool last_is_seen, Options options) {
  Pattern pattern;
  pattern.options_ = options;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) pattern.code_.push_back({Op::kMiddle});
    const bool seen = last_is_seen && i + 1 == parts.size();
    const std::size_t start = pattern.code_.size();
    if (seen) pattern.code_.push_back({Op::kAhead, 0, 1});
    if (const std::string wrong = PatternParser(parts[i], pattern).parse(); !wrong.empty())
      return Unexpected(usage_error("wrong regular expression " + quote(parts[i]) + ": " + wrong));
    if (!seen) continue;
    pattern.code_.push_back({Op::kMatch});
    pattern.code_[start].x = static_cast<std::int32_t>(pattern.code_.size() - start);
  }
  if (options.to_end) pattern.code_.push_back({Op::kEnd});
  pattern.code_.push_back({Op::kMatch});
  pattern.find_first_bytes();
  return pattern;
}

void Pattern::find_first_bytes() {
  ByteSet first;
  std::vector<bool> seen(code_.size());
  std::vector<std::size_t> open = {0};
  while (!open.empty()) {
    const std::size_t at = open.back();
    open.pop_back();
    if (seen[at]) continue;
    seen[at] = true;
    const Instruction& code = code_[at];
    const auto target = [&](std::int32_t by) { return at + static_cast<std::size_t>(static_cast<std::ptrdiff_t>(by)); };
    switch (code.op) {
      case Op::kSet:
        first |= sets_[static_cast<std::size_t>(code.x)];
        break;
      case Op::kSplit:
        open.push_back(target(code.x));
        open.push_back(target(code.y));
        break;
      case Op::kJump:
      case Op::kAhead:
        open.push_back(target(code.x));
        break;
      case Op::kMatch:
      case Op::kEnd:
        return;
      default:
        open.push_back(at + 1);
    }
  }
  first_ = first;
}

}  // namespace mtask::pool
