#pragma once
// Sums, and which of two values is the greater.

#include <string>

#include "gen/batch.hpp"
#include "gen/wide.hpp"
#include "mtask/result.hpp"

namespace mtask::gen {

// A sum that is exact for whole numbers and decimals (of 38 digits), and compensated for doubles (A. Neumaier, 1974).
class Total {
 public:
  // Rows must be the texts of numbers; another one is an error that names it. What was added before it stays.
  [[nodiscard]] Result<void> add(Batch& batch);
  [[nodiscard]] std::string text() const;

 private:
  [[nodiscard]] bool add_units(Int128 units, unsigned scale);
  void add_real(double value);
  void become_real();
  [[nodiscard]] Result<void> add_text(std::string_view text);

  Int128 units_ = 0;
  unsigned scale_ = 0;
  bool real_ = false;
  double sum_ = 0;
  double lost_ = 0;
};

// Below, equal to or above 0 as value `i` of `a` is less than, equal to or greater than value `j` of `b`: numbers by
// size, before all texts; texts by bytes; field by field.
[[nodiscard]] int compare_values(const Batch& a, std::size_t i, const Batch& b, std::size_t j);
[[nodiscard]] int compare_texts(std::string_view a, std::string_view b);

}  // namespace mtask::gen
