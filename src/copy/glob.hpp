#pragma once
// Shell patterns over bytes, compiled once and matched against many names.
//
// `?` is any byte but '/', `*` any run of bytes but '/', `[a-z]`, `[!x]`, `[^x]` and `[[:alpha:]]` one byte out of a
// set (never '/', ASCII classes), `\x` the byte x. Two or more stars in a row depend on the flavour:
//   kRsync      any run of bytes, '/' among them, wherever it stands;
//   kGitignore  the same only between slashes or at an end, and there the "**" of "**" + "/" may also stand for no
//               directory at all; elsewhere it is a single `*`.
// A malformed pattern (an open bracket, an unknown class, a lone '\' at the end) matches nothing, as in both models.
//
// Semantics follow wildmatch.c of rsync and of git. Matching differs: it goes back to the last `*` and the last `**`
// only, which suffices because every element takes exactly one byte and the earliest end of what lies between two
// stars is never worse than a later one. So it stays polynomial where the originals can be exponential.
//
// Immutable once compiled; matches() may be called from any thread, allocates nothing and cannot fail.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mtask::copy {

enum class GlobFlavour : std::uint8_t { kRsync, kGitignore };

class Glob {
 public:
  [[nodiscard]] static Glob compile(std::string_view pattern, GlobFlavour flavour);
  // Matches `text` alone: no byte of it is special.
  [[nodiscard]] static Glob literal(std::string_view text);

  // Whether the whole of `text` matches.
  [[nodiscard]] bool matches(std::string_view text) const noexcept;

 private:
  enum class Kind : std::uint8_t {
    kByte,        // exactly `byte`
    kAnyByte,     // one byte but '/'
    kSet,         // one byte of sets_[set]
    kStar,        // a run of bytes without '/'
    kDeepStar,    // any run of bytes
    kDirectories  // nothing, or any run of bytes that ends with '/'
  };
  struct Element {
    Kind kind = Kind::kByte;
    char byte = 0;
    std::uint32_t set = 0;
  };
  using Set = std::array<std::uint64_t, 4>;  // one bit for each byte value
  class Compiler;
  class Matcher;

  [[nodiscard]] bool takes(const Element& element, char byte) const noexcept;
  void note_shape();

  std::vector<Element> elements_;
  std::vector<Set> sets_;
  std::string literal_;  // the whole text to match, when is_literal_
  std::size_t min_length_ = 0;
  bool is_literal_ = false;
  bool malformed_ = false;
};

}  // namespace mtask::copy
