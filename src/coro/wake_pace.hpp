#pragma once
// When sleepers wake by the million, looking for each of them as its time comes would keep a processor busy with the
// clock alone. So once they are that many, the loop lets them gather for a moment whenever it has caught up.

#include <cstddef>
#include <cstdint>
#include <utility>

namespace mtask::detail {

class wake_pace {
 public:
  // In ns: what Linux takes for timers of programs that ask for nothing better.
  static constexpr std::int64_t kGather = 50'000;

  // `count` tasks were woken at `now`; `all`: no more were due.
  void woke(std::int64_t now, std::size_t count, bool all) noexcept {
    woken_ += static_cast<std::int64_t>(count);
    caught_up_ = all;
    const std::int64_t time = now - began_;
    if (time < kWindow) return;
    many_ = woken_ >= time / kEach;
    woken_ = 0;
    began_ = now;
  }
  // Nothing is ready. Whether to do nothing for kGather; not twice without a look for those that are due.
  [[nodiscard]] bool gathers() noexcept { return many_ && std::exchange(caught_up_, false); }

 private:
  static constexpr std::int64_t kWindow = 1'000'000;  // ns
  static constexpr std::int64_t kEach = 1'000;        // ns from one to the next: a million a second

  std::int64_t began_ = 0;
  std::int64_t woken_ = 0;  // since then
  bool many_ = false;
  bool caught_up_ = false;
};

}  // namespace mtask::detail
