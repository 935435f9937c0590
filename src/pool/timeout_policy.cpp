#include "pool/timeout_policy.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>

#include "base/text.hpp"
#include "base/units.hpp"

namespace mtask::pool {
namespace {

constexpr std::uint64_t kFewestJobs = 3;
constexpr unsigned kBits = 6;  // of a run time, below its highest one: 64 buckets a power of two
constexpr std::uint64_t kSteps = 1U << kBits;
constexpr std::uint64_t kLongest = std::uint64_t{1} << 53;  // us: 285 years, and exact in a double
constexpr Milliseconds kMostMilliseconds{kLongest / 1000};

std::size_t bucket_of(std::uint64_t us) {
  if (us < 2 * kSteps) return us;
  const auto shift = static_cast<unsigned>(std::bit_width(us)) - kBits - 1;
  return shift * kSteps + (us >> shift);
}

// The longest run time of a bucket.
std::uint64_t longest_of(std::size_t bucket) {
  if (bucket < 2 * kSteps) return bucket;
  const auto shift = bucket / kSteps - 1;
  return ((kSteps + bucket % kSteps + 1) << shift) - 1;
}

}  // namespace

Result<Timeout> parse_timeout(std::string_view text) {
  Timeout timeout;
  if (text.ends_with('%')) {
    double percent = 0;
    const char* const end = text.data() + text.size() - 1;
    const auto [at, error] = std::from_chars(text.data(), end, percent, std::chars_format::fixed);
    if (error == std::errc() && at == end && percent > 0 && percent <= 1e6) {
      timeout.percent = percent;
      return timeout;
    }
  } else if (const auto duration = parse_duration(text)) {
    if (duration->count() > 0) timeout.fixed = std::chrono::ceil<Milliseconds>(*duration);
    return timeout;
  }
  return Unexpected(usage_error(quote(text) +
                                " is no timeout: write seconds or a duration (10, 1.5h, 1m30s; 0: none), or a share of "
                                "the median run time of successful jobs (300%)"));
}

TimeoutPolicy::TimeoutPolicy(const Timeout& timeout) : timeout_(timeout) {
  if (timeout_.percent) buckets_.resize(bucket_of(kLongest) + 1);
}

void TimeoutPolicy::succeeded(std::chrono::duration<double> runtime) {
  if (buckets_.empty()) return;
  const double us = std::clamp(runtime.count() * 1e6, 0.0, static_cast<double>(kLongest));
  const std::size_t bucket = bucket_of(static_cast<std::uint64_t>(std::ceil(us)));
  ++buckets_[bucket];
  ++jobs_;
  if (bucket < median_) ++before_;
  move_median();
}

// The median has (jobs - 1) / 2 before it.
void TimeoutPolicy::move_median() {
  const std::uint64_t rank = (jobs_ - 1) / 2;
  while (before_ > rank) before_ -= buckets_[--median_];
  while (before_ + buckets_[median_] <= rank) before_ += buckets_[median_++];
}

std::optional<Milliseconds> TimeoutPolicy::current() const {
  if (timeout_.fixed) return timeout_.fixed;
  if (!timeout_.percent || jobs_ < kFewestJobs) return std::nullopt;
  const double ms = std::ceil(static_cast<double>(longest_of(median_)) / 1000 * *timeout_.percent / 100);
  if (ms >= static_cast<double>(kMostMilliseconds.count())) return kMostMilliseconds;
  return Milliseconds(std::max(static_cast<Milliseconds::rep>(ms), Milliseconds::rep{1}));
}

}  // namespace mtask::pool
