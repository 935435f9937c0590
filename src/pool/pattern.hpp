#pragma once
// Regular expressions over bytes that can neither overflow the stack nor take exponential time.
//
// The language is what ECMAScript and Perl share: | * + ? {m,n} (each also lazy), ( ) (?: ) (?= ) (?! ), [ ] with
// [:class:], . (all but \n), ^ $, \b \B \d \w \s \D \W \S \t \n \r \f \v \0 \xHH. Back-references and the rest are
// refused. A match is the one that backtracking finds first (leftmost, then by the order of choices), found by trying
// each pair of instruction and place at most once, as RE2's bit-state matcher does: time and memory are at worst
// pattern times subject. A compiled pattern is immutable; a Scanner belongs to one thread.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "mtask/result.hpp"
#include "pool/byte_set.hpp"

namespace mtask::pool {

struct PatternOptions {
  bool multiline = false;  // ^ and $ hold at line ends, too
  bool to_end = false;     // a match must reach the end of the subject
  bool lazy = false;       // all quantifiers prefer less
};

class Pattern {
 public:
  using Options = PatternOptions;
  // A usage error that shows the pattern when it is wrong.
  [[nodiscard]] static Result<Pattern> compile(std::string_view text, Options options = {});
  // Matches `before` and `after` in a row; Match::middle tells where the second begins.
  [[nodiscard]] static Result<Pattern> compile_pair(std::string_view before, std::string_view after, bool after_is_seen,
                                                    Options options = {});

  struct Match {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t middle = 0;
  };

 private:
  friend class Scanner;
  friend class PatternParser;
  enum class Op : std::uint8_t {
    kSet,     // a byte of sets_[x]
    kSplit,   // x, else y
    kJump,    // x
    kMiddle,  // notes the place
    kLineStart,
    kLineEnd,
    kBoundary,  // x: 1 when wanted, 0 when not
    kAhead,     // the code up to its kMatch fits here (y: 1) or does not (y: 0); goes on at x
    kEnd,       // of the subject
    kMatch,
  };
  struct Instruction {
    Op op = Op::kMatch;
    std::int32_t x = 0;  // where it is a place in the code: from this instruction on
    std::int32_t y = 0;
  };
  static Result<Pattern> build(const std::vector<std::string_view>& parts, bool last_is_seen, Options options);
  void find_first_bytes();

  std::vector<Instruction> code_;
  std::vector<ByteSet> sets_;
  Options options_;
  std::optional<ByteSet> first_;  // what a match can begin with; none: anything, or it may be empty
};

// Matches one pattern against one subject, which must outlive it.
class Scanner {
 public:
  Scanner(const Pattern& pattern, std::string_view subject);

  // The match that begins at `at`, if there is one.
  [[nodiscard]] std::optional<Pattern::Match> match_at(std::size_t at);
  // The first match that begins at `from` or after.
  [[nodiscard]] std::optional<Pattern::Match> search(std::size_t from);
  // The match that begins last, at `from` or before.
  [[nodiscard]] std::optional<Pattern::Match> search_back(std::size_t from);

 private:
  struct State {
    std::size_t code = 0;
    std::size_t place = 0;
    std::size_t middle = 0;
  };
  // States that led nowhere; those of an assertion are kept apart, as they may lead somewhere the next time.
  using Seen = std::unordered_set<std::size_t>;
  [[nodiscard]] std::optional<Pattern::Match> run(std::size_t code, std::size_t at, Seen* seen);
  [[nodiscard]] bool visit(std::size_t code, std::size_t place, Seen* seen);
  // Goes one step on from `state`; false when that leads nowhere.
  [[nodiscard]] bool step(State& state, std::vector<State>& others);
  [[nodiscard]] bool may_begin(std::size_t at) const;
  void forget();
  [[nodiscard]] bool boundary(std::size_t place) const;

  const Pattern& pattern_;
  std::string_view subject_;
  std::vector<std::uint64_t> visited_;
  std::vector<std::size_t> touched_;  // words of visited_ that are not zero
  std::vector<State> others_;         // choices left
};

}  // namespace mtask::pool
