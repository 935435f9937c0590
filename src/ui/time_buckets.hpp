#pragma once
// A histogram over time in bounded memory: when the run outgrows it, neighbours are merged and the width doubles.
// Amounts are spread evenly over the time they took. Not thread-safe.

#include <cstddef>
#include <vector>

namespace mtask::ui {

class TimeBuckets {
 public:
  explicit TimeBuckets(double first_width_seconds = 0.001) : width_(first_width_seconds) {}

  // Adds `amount` over [begin, end] (seconds since the run began, 0 <= begin <= end).
  void add(double begin, double end, double amount);

  [[nodiscard]] double width() const { return width_; }  // seconds a bucket
  [[nodiscard]] const std::vector<double>& values() const { return values_; }

 private:
  static constexpr std::size_t kMost = 1024;
  void grow_to(double end);

  double width_;
  std::vector<double> values_;
};

}  // namespace mtask::ui
