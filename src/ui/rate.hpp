#pragma once
// A smoothed rate: exponential moving average over time (time constant 5 s), without the slow start of one that begins
// at zero (the weight of the missing past is divided out).

#include <cmath>
#include <cstdint>

namespace mtask::ui {

class SmoothedRate {
 public:
  // `total`: all so far; `seconds`: since any fixed moment, not decreasing. The first sample only sets the start.
  void sample(std::uint64_t total, double seconds) {
    if (started_ && seconds > last_seconds_) {
      const double elapsed = seconds - last_seconds_;
      const double gained = total > last_total_ ? static_cast<double>(total - last_total_) : 0.0;
      const double keep = std::exp(-elapsed / kTimeConstant);
      weighted_ = weighted_ * keep + gained / elapsed * (1 - keep);
      weight_ = weight_ * keep + (1 - keep);
    }
    if (!started_ || seconds > last_seconds_) {
      last_total_ = total;
      last_seconds_ = seconds;
    }
    started_ = true;
  }
  // A second; 0 before the second sample.
  [[nodiscard]] double per_second() const { return weight_ > 0 ? weighted_ / weight_ : 0.0; }

 private:
  static constexpr double kTimeConstant = 5;
  bool started_ = false;
  std::uint64_t last_total_ = 0;
  double last_seconds_ = 0;
  double weighted_ = 0;
  double weight_ = 0;
};

}  // namespace mtask::ui
