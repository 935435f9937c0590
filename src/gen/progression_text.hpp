#pragma once
// The texts of progressions, quickly: of whole numbers with step 1 the last four digits are written once for all and
// the digits before them are changed in place, so that a line costs little more than its copy.

#include <cstdint>
#include <string>

#include "gen/batch.hpp"
#include "gen/text_buffer.hpp"

namespace mtask::gen {

class ProgressionText {
 public:
  // Each value is followed by `end`.
  explicit ProgressionText(char end) : end_(end) {}
  void append(const Progression& progression, unsigned scale, TextBuffer& out);

 private:
  void append_counted(std::uint64_t first, std::uint64_t count, TextBuffer& out);
  void prepare(std::uint64_t prefix);

  char end_;
  std::string lines_;         // those of the numbers that begin with `prefix_`, when it is above 0
  std::uint64_t prefix_ = 0;  // what stands before the last four digits
  std::size_t prefix_width_ = 0;
};

// `units` as append_decimal() writes it, at `out`, which has room for kDecimalRoom; returns the end.
inline constexpr std::size_t kDecimalRoom = 24;
char* write_decimal(std::int64_t units, unsigned scale, char* out) noexcept;

}  // namespace mtask::gen
