#include "gen/lua/integer_room.hpp"

#include <algorithm>
#include <bit>
#include <cctype>
#include <charconv>
#include <cstdint>

namespace mtask::gen {
namespace {

constexpr int kBits = 62;

bool is_word_character(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::optional<int> room() {
    while (at_ < text_.size()) {
      if (!step()) return std::nullopt;
    }
    if (sums_ + products_ == 0 || joins_) return std::nullopt;
    const int left = std::max(kBits - sums_ - literal_bits_, 0);
    if (variables_ == 0) return left > 0 ? std::nullopt : std::optional(0);
    return left / variables_;
  }

 private:
  bool starts_with(std::string_view what) const { return text_.substr(at_).starts_with(what); }

  // False at what is no plain arithmetic.
  bool step() {
    const char c = text_[at_];
    if (std::isspace(static_cast<unsigned char>(c)) != 0 || std::string_view("(),").find(c) != std::string_view::npos) {
      ++at_;
      return true;
    }
    if (is_word_character(c)) return word();
    if (c == '\'' || c == '"') return text(c);
    if (starts_with("--") || starts_with("<<") || starts_with(">>")) return false;
    for (const std::string_view two : {"..", "//", "==", "~=", "<=", ">="}) {
      if (!starts_with(two)) continue;
      joins_ = joins_ || two == "..";
      at_ += two.size();
      return true;
    }
    ++at_;
    if (c == '+' || c == '-') {
      ++sums_;
    } else if (c == '*') {
      ++products_;
    } else if (std::string_view("/%<>").find(c) == std::string_view::npos) {
      return false;
    }
    return true;
  }

  bool text(char quote) {
    for (++at_; at_ < text_.size() && text_[at_] != quote; ++at_) {
      if (text_[at_] == '\\') return false;
    }
    ++at_;
    return true;
  }

  bool word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && (is_word_character(text_[at_]) || (text_[at_] == '.' && !starts_with("..")))) ++at_;
    const std::string_view word = text_.substr(begin, at_ - begin);
    for (const std::string_view variable : {"x", "i", "a"}) {
      if (word == variable) {
        ++variables_;
        return true;
      }
    }
    for (const std::string_view known : {"and", "or", "not", "true", "false"}) {
      if (word == known) return true;
    }
    if (std::isdigit(static_cast<unsigned char>(word.front())) == 0) return false;
    std::uint64_t literal = 0;
    const auto read = std::from_chars(word.data(), word.data() + word.size(), literal);
    if (read.ec != std::errc()) return false;
    // One with a point or an exponent is no integer, nor is what is made of it.
    const bool integer = read.ptr == word.data() + word.size();
    if (!integer && word.find_first_not_of("0123456789.eE") != std::string_view::npos) return false;
    if (integer) literal_bits_ += static_cast<int>(std::bit_width(literal));
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int variables_ = 0;
  int sums_ = 0;
  int products_ = 0;
  int literal_bits_ = 0;
  bool joins_ = false;
};

}  // namespace

std::optional<int> integer_room(std::string_view expression) { return Scanner(expression).room(); }

}  // namespace mtask::gen
