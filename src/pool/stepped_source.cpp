#include "pool/stepped_source.hpp"

#include <utility>

#include "pool/pattern.hpp"

namespace mtask::pool {

void SteppedSource::prepare() {
  if (ready_ || error_ || ended_) return;
  JobSpec spec;
  Result<Step> step = within_pattern_limits([&] { return build(spec); });
  if (!step) {
    error_ = std::move(step).error();
  } else if (*step == Step::kGot) {
    ready_ = std::move(spec);
  } else if (*step == Step::kEnd) {
    ended_ = true;
  }
}

void SteppedSource::take_input() {
  if (input_fd() == -1) return;
  if (Result<void> filled = fill(); !filled) {
    error_ = std::move(filled).error();
    return;
  }
  prepare();
}

int SteppedSource::input_fd() const { return ready_ || error_ || ended_ ? -1 : fd(); }

Result<std::optional<JobSpec>> SteppedSource::next() {
  prepare();
  while (input_fd() != -1) take_input();
  if (error_) return Unexpected(*error_);
  std::optional<JobSpec> job = std::exchange(ready_, std::nullopt);
  if (job && may_wait()) prepare();
  return job;
}

}  // namespace mtask::pool
