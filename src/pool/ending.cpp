#include "pool/ending.hpp"

#include <signal.h>
#include <unistd.h>

#include "pool/clock.hpp"
#include "pool/family.hpp"

namespace mtask::pool {
namespace {

constexpr std::uint64_t kBetweenKills = 5'000'000;

}  // namespace

Ending::Ending(const Config& config)
    : sequence_(config.term_sequence.empty() ? TermSequence{{SIGTERM, config.grace}} : config.term_sequence) {}

void Ending::begin(pid_t group, bool at_once) {
  if (begun_ && !at_once) return;
  begun_ = true;
  group_ = group;
  stage_ = at_once ? sequence_.size() : 0;
  send();
}

void Ending::step() {
  if (!begun_ || steady_ns() < next_) return;
  if (stage_ < sequence_.size()) ++stage_;
  send();
}

void Ending::send() {
  const bool kill = stage_ == sequence_.size();
  const int number = kill ? SIGKILL : sequence_[stage_].first;
  signal_family(::getpid(), group_, number);
  if (!kill) signal_family(::getpid(), group_, SIGCONT);  // who is stopped would not see it
  next_ = steady_ns() + (kill ? kBetweenKills : to_ns(sequence_[stage_].second));
}

}  // namespace mtask::pool
