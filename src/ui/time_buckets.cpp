#include "ui/time_buckets.hpp"

#include <algorithm>

namespace mtask::ui {

void TimeBuckets::grow_to(double end) {
  while (end >= width_ * static_cast<double>(kMost)) {
    const std::size_t half = (values_.size() + 1) / 2;
    for (std::size_t i = 0; i < half; ++i) {
      values_[i] = values_[2 * i] + (2 * i + 1 < values_.size() ? values_[2 * i + 1] : 0.0);
    }
    values_.resize(half);
    width_ *= 2;
  }
  const auto needed = static_cast<std::size_t>(end / width_) + 1;
  if (values_.size() < needed) values_.resize(needed);
}

void TimeBuckets::add(double begin, double end, double amount) {
  grow_to(end);
  const auto first = static_cast<std::size_t>(begin / width_);
  const auto last = static_cast<std::size_t>(end / width_);
  if (first == last) {
    values_[first] += amount;
    return;
  }
  for (std::size_t i = first; i <= last; ++i) {
    const double from = std::max(begin, static_cast<double>(i) * width_);
    const double to = std::min(end, static_cast<double>(i + 1) * width_);
    values_[i] += amount * std::max(0.0, to - from) / (end - begin);
  }
}

}  // namespace mtask::ui
