#pragma once
// Perl's regular expressions over bytes, by PCRE2. A compiled pattern is immutable and may be copied and shared; a
// Scanner belongs to one thread.
//
// Nested repetitions such as (a*)*b can take exponential time. A match that takes more than PCRE2's 10,000,000 steps,
// or more than 64 MiB, is given up: PatternLimit is thrown, as what matches is no longer known.

#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "mtask/result.hpp"

// PCRE2's own types.
struct pcre2_real_code_8;
struct pcre2_real_match_context_8;
struct pcre2_real_match_data_8;

namespace mtask::pool {

struct PatternOptions {
  bool multiline = false;  // ^ and $ hold at line ends, too
  bool to_end = false;     // a match must reach the end of the subject
  bool lazy = false;       // quantifiers prefer less, and with a ? after them more
};

// Its text names the pattern.
class PatternLimit : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// What `work` gives, or the error of a match that was given up in it.
template <class Work>
[[nodiscard]] auto within_pattern_limits(Work work) -> decltype(work()) {
  try {
    return work();
  } catch (const PatternLimit& limit) {
    return Unexpected(Error{ErrorKind::kUnavailable, {}, limit.what()});
  }
}

class Pattern {
 public:
  using Options = PatternOptions;
  // A usage error that shows the pattern when it is wrong.
  [[nodiscard]] static Result<Pattern> compile(std::string_view text, Options options = {});
  // Matches `before` and `after` in a row; Match::middle tells where the second begins. `after_is_seen`: the match ends
  // there already.
  [[nodiscard]] static Result<Pattern> compile_pair(std::string_view before, std::string_view after, bool after_is_seen,
                                                    Options options = {});

  struct Match {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t middle = 0;  // of a pair
  };

 private:
  friend class Scanner;
  std::string text_;
  std::shared_ptr<const pcre2_real_code_8> code_;
  std::size_t middle_ = 0;  // the group that is empty and lies there; 0: there is none
};

// Matches one pattern against one subject; both must outlive it.
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
  struct Release {
    void operator()(pcre2_real_match_context_8* context) const;
    void operator()(pcre2_real_match_data_8* data) const;
  };
  [[nodiscard]] std::optional<Pattern::Match> match(std::size_t at, bool anchored);

  const Pattern& pattern_;
  std::string_view subject_;
  std::unique_ptr<pcre2_real_match_context_8, Release> context_;
  std::unique_ptr<pcre2_real_match_data_8, Release> data_;
};

}  // namespace mtask::pool
