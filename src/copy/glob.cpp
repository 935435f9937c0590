#include "copy/glob.hpp"

#include <algorithm>
#include <optional>

namespace mtask::copy {

namespace {

constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);

using ByteTest = bool (*)(unsigned char) noexcept;

constexpr bool is_upper(unsigned char c) noexcept { return c >= 'A' && c <= 'Z'; }
constexpr bool is_lower(unsigned char c) noexcept { return c >= 'a' && c <= 'z'; }
constexpr bool is_alpha(unsigned char c) noexcept { return is_upper(c) || is_lower(c); }
constexpr bool is_digit(unsigned char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_alnum(unsigned char c) noexcept { return is_alpha(c) || is_digit(c); }
constexpr bool is_blank(unsigned char c) noexcept { return c == ' ' || c == '\t'; }
constexpr bool is_space(unsigned char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }
constexpr bool is_cntrl(unsigned char c) noexcept { return c < 0x20 || c == 0x7f; }
constexpr bool is_graph(unsigned char c) noexcept { return c > 0x20 && c < 0x7f; }
constexpr bool is_print(unsigned char c) noexcept { return c >= 0x20 && c < 0x7f; }
constexpr bool is_punct(unsigned char c) noexcept { return is_graph(c) && !is_alnum(c); }
constexpr bool is_xdigit(unsigned char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

struct NamedClass {
  std::string_view name;
  ByteTest test;
};
constexpr std::array<NamedClass, 12> kClasses{{{"alnum", is_alnum},
                                               {"alpha", is_alpha},
                                               {"blank", is_blank},
                                               {"cntrl", is_cntrl},
                                               {"digit", is_digit},
                                               {"graph", is_graph},
                                               {"lower", is_lower},
                                               {"print", is_print},
                                               {"punct", is_punct},
                                               {"space", is_space},
                                               {"upper", is_upper},
                                               {"xdigit", is_xdigit}}};

}  // namespace

// Reads a pattern from left to right into the elements of a Glob.
class Glob::Compiler {
 public:
  Compiler(std::string_view pattern, GlobFlavour flavour, Glob& out)
      : pattern_(pattern), flavour_(flavour), out_(out) {}

  void run() {
    while (at_ < pattern_.size() && !out_.malformed_) {
      const char c = pattern_[at_++];
      switch (c) {
        case '?':
          out_.elements_.push_back({Kind::kAnyByte});
          break;
        case '*':
          stars();
          break;
        case '[':
          set();
          break;
        case '\\':
          if (at_ == pattern_.size()) {
            out_.malformed_ = true;
          } else {
            out_.elements_.push_back({Kind::kByte, pattern_[at_++]});
          }
          break;
        default:
          out_.elements_.push_back({Kind::kByte, c});
      }
    }
  }

 private:
  [[nodiscard]] bool more() const { return at_ < pattern_.size(); }

  void stars() {
    const std::size_t first = at_ - 1;
    while (more() && pattern_[at_] == '*') ++at_;
    if (at_ - first == 1) {
      out_.elements_.push_back({Kind::kStar});
    } else if (flavour_ == GlobFlavour::kRsync) {
      out_.elements_.push_back({Kind::kDeepStar});
    } else {
      const bool opens = first == 0 || pattern_[first - 1] == '/';
      const std::string_view rest = pattern_.substr(at_);
      if (opens && rest.starts_with('/')) {
        ++at_;
        out_.elements_.push_back({Kind::kDirectories});
      } else if (opens && (rest.empty() || rest.starts_with("\\/"))) {
        out_.elements_.push_back({Kind::kDeepStar});
      } else {
        out_.elements_.push_back({Kind::kStar});
      }
    }
  }

  // A set after its '['. A ']' that comes first is a member; so is a '-' that has no byte at one of its sides.
  void set() {
    const bool negated = more() && (pattern_[at_] == '!' || pattern_[at_] == '^');
    if (negated) ++at_;
    Set set{};
    int previous = -1;  // what a '-' would start its range from; -1: nothing
    for (bool first = true;; first = false) {
      if (!more()) return fail();
      const char c = pattern_[at_];
      if (c == ']' && !first) break;
      if (c == '-' && previous >= 0 && at_ + 1 < pattern_.size() && pattern_[at_ + 1] != ']') {
        ++at_;
        const int last = member();
        if (last < 0) return fail();
        for (int value = previous; value <= last; ++value) add(set, value);
        previous = -1;
      } else if (const std::optional<std::string_view> name = class_name()) {
        const auto* known =
            std::find_if(kClasses.begin(), kClasses.end(), [&](const auto& k) { return k.name == *name; });
        if (known == kClasses.end()) return fail();
        for (int value = 0; value < 256; ++value) {
          if (known->test(static_cast<unsigned char>(value))) add(set, value);
        }
        at_ += name->size() + 4;
        previous = -1;
      } else {
        previous = member();
        if (previous < 0) return fail();
        add(set, previous);
      }
    }
    ++at_;
    if (negated) {
      for (auto& word : set) word = ~word;
    }
    set['/' / 64U] &= ~(std::uint64_t{1} << ('/' % 64U));
    out_.elements_.push_back({Kind::kSet, 0, static_cast<std::uint32_t>(out_.sets_.size())});
    out_.sets_.push_back(set);
  }

  // One byte of a set, after its '\' if it has one; -1 at the pattern's end.
  [[nodiscard]] int member() {
    if (more() && pattern_[at_] == '\\') ++at_;
    if (!more()) return -1;
    return static_cast<unsigned char>(pattern_[at_++]);
  }

  // The name in a "[:name:]" that starts here; where there is none, the '[' is a plain member.
  [[nodiscard]] std::optional<std::string_view> class_name() const {
    std::string_view rest = pattern_.substr(at_);
    if (!rest.starts_with("[:")) return std::nullopt;
    rest.remove_prefix(2);
    const std::size_t end = rest.find(']');
    if (end == std::string_view::npos || end == 0 || rest[end - 1] != ':') return std::nullopt;
    return rest.substr(0, end - 1);
  }

  static void add(Set& set, int value) {
    const auto bit = static_cast<unsigned>(value);
    set[bit / 64U] |= std::uint64_t{1} << (bit % 64U);
  }
  void fail() { out_.malformed_ = true; }

  std::string_view pattern_;
  GlobFlavour flavour_;
  Glob& out_;
  std::size_t at_ = 0;
};

Glob Glob::compile(std::string_view pattern, GlobFlavour flavour) {
  Glob glob;
  Compiler(pattern, flavour, glob).run();
  glob.note_shape();
  return glob;
}

Glob Glob::literal(std::string_view text) {
  Glob glob;
  glob.is_literal_ = true;
  glob.literal_ = text;
  return glob;
}

void Glob::note_shape() {
  is_literal_ = std::all_of(elements_.begin(), elements_.end(), [](const Element& e) { return e.kind == Kind::kByte; });
  for (const Element& element : elements_) {
    if (is_literal_) literal_.push_back(element.byte);
    min_length_ += element.kind == Kind::kByte || element.kind == Kind::kAnyByte || element.kind == Kind::kSet ? 1 : 0;
  }
}

bool Glob::takes(const Element& element, char byte) const noexcept {
  switch (element.kind) {
    case Kind::kByte:
      return element.byte == byte;
    case Kind::kAnyByte:
      return byte != '/';
    case Kind::kSet: {
      const unsigned value = static_cast<unsigned char>(byte);
      return (sets_[element.set][value / 64U] >> (value % 64U) & 1U) != 0;
    }
    case Kind::kStar:
    case Kind::kDeepStar:
    case Kind::kDirectories:
      break;
  }
  return false;
}

// One walk over a text. `star_` and `deep_` are where to resume when what follows them does not fit: the element
// after the star, and the first byte that it has not taken yet.
class Glob::Matcher {
 public:
  Matcher(const Glob& glob, std::string_view text) noexcept : glob_(glob), text_(text) {}

  [[nodiscard]] bool run() noexcept {
    for (;;) {
      if (element_ < glob_.elements_.size()) {
        if (step()) continue;
      } else if (at_ == text_.size()) {
        return true;
      }
      if (!go_back()) return false;
    }
  }

 private:
  struct Resume {
    std::size_t element = kNowhere;
    std::size_t at = 0;
  };

  // Goes over one element; false when it does not fit here.
  [[nodiscard]] bool step() noexcept {
    const Element& element = glob_.elements_[element_];
    switch (element.kind) {
      case Kind::kStar:
        star_ = {++element_, at_};
        slash_since_deep_before_star_ = slash_since_deep_;
        return true;
      case Kind::kDeepStar:
      case Kind::kDirectories:
        deep_ = {++element_, at_};
        deep_kind_ = element.kind;
        star_ = {};
        slash_since_deep_ = false;
        return true;
      default:
        if (at_ == text_.size() || !glob_.takes(element, text_[at_])) return false;
        slash_since_deep_ = slash_since_deep_ || text_[at_] == '/';
        ++at_;
        ++element_;
        return true;
    }
  }

  // Lets the last `*` take one byte more, else the last `**`; false when neither can.
  [[nodiscard]] bool go_back() noexcept {
    if (star_.element != kNowhere) {
      if (star_.at == text_.size()) return false;  // no later start of the `**` would find it either
      if (text_[star_.at] != '/') {
        ++star_.at;
        at_ = star_.at;
        element_ = star_.element;
        slash_since_deep_ = slash_since_deep_before_star_;
        return true;
      }
      // All between the `**` and this `*` lies in one component, so every start within it ends at this same slash.
      if (deep_.element != kNowhere && !slash_since_deep_before_star_) deep_.at = std::max(deep_.at, star_.at);
      star_ = {};
    }
    if (deep_.element == kNowhere || deep_.at >= text_.size()) return false;
    if (deep_kind_ == Kind::kDirectories) {
      const std::size_t slash = text_.find('/', deep_.at);
      if (slash == std::string_view::npos) return false;
      deep_.at = slash + 1;
    } else {
      ++deep_.at;
    }
    at_ = deep_.at;
    element_ = deep_.element;
    slash_since_deep_ = false;
    return true;
  }

  const Glob& glob_;
  std::string_view text_;
  std::size_t at_ = 0;       // next byte
  std::size_t element_ = 0;  // next element
  Resume star_;
  Resume deep_;
  Kind deep_kind_ = Kind::kDeepStar;
  bool slash_since_deep_ = false;  // a '/' was matched since the last `**`
  bool slash_since_deep_before_star_ = false;
};

bool Glob::matches(std::string_view text) const noexcept {
  if (malformed_) return false;
  if (is_literal_) return text == literal_;
  if (text.size() < min_length_) return false;
  const Element& last = elements_.back();
  if (last.kind == Kind::kByte && text.back() != last.byte) return false;
  return Matcher(*this, text).run();
}

}  // namespace mtask::copy
