#include "support/crash_points.hpp"

#include <sched.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <set>
#include <system_error>

namespace mtask::test {
namespace {

constexpr std::size_t kMostSteps = 300'000;  // an operation that spins under single-stepping is given up
constexpr std::size_t kSamples = 12;         // kills where nothing watched has changed

// Both processes on one CPU: each step is a switch between them.
class OneCpu {
 public:
  OneCpu() {
    if (::sched_getaffinity(0, sizeof(before_), &before_) != 0) return;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<unsigned>(::sched_getcpu()), &one);
    changed_ = ::sched_setaffinity(0, sizeof(one), &one) == 0;
  }
  ~OneCpu() {
    if (changed_) ::sched_setaffinity(0, sizeof(before_), &before_);
  }
  OneCpu(const OneCpu&) = delete;
  OneCpu& operator=(const OneCpu&) = delete;

 private:
  cpu_set_t before_{};
  bool changed_ = false;
};

// The operation in a stopped child; killed at the end.
class Stepper {
 public:
  explicit Stepper(const std::function<void()>& step) : pid_(::fork()) {
    if (pid_ == -1) throw std::system_error(errno, std::generic_category(), "fork");
    if (pid_ == 0) {
      if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == -1) ::_exit(1);
      step();
      ::_exit(0);
    }
    wait();
  }
  ~Stepper() {
    if (ended_) return;
    ::kill(pid_, SIGKILL);
    while (!ended_) wait();
  }
  Stepper(const Stepper&) = delete;
  Stepper& operator=(const Stepper&) = delete;

  // One instruction further; false at the end of the zone.
  bool advance() {
    if (!ended_ && ::ptrace(PTRACE_SINGLESTEP, pid_, nullptr, nullptr) == 0) wait();
    return !ended_ && zone_borders_ == 1;
  }

 private:
  void wait() {
    int status = 0;
    pid_t result = 0;
    do result = ::waitpid(pid_, &status, 0);
    while (result == -1 && errno == EINTR);
    ended_ = result == -1 || !WIFSTOPPED(status);
    if (!ended_ && WSTOPSIG(status) == SIGSTOP) ++zone_borders_;
  }
  pid_t pid_;
  bool ended_ = false;
  int zone_borders_ = 0;
};

std::vector<std::byte> snapshot(const std::vector<std::span<const std::byte>>& watched) {
  std::vector<std::byte> all;
  for (const auto& part : watched) all.insert(all.end(), part.begin(), part.end());
  return all;
}

bool same(const std::vector<std::span<const std::byte>>& watched, const std::vector<std::byte>& before) {
  auto at = before.begin();
  for (const auto& part : watched) {
    if (!std::equal(part.begin(), part.end(), at)) return false;
    at += static_cast<std::ptrdiff_t>(part.size());
  }
  return true;
}

// The instruction counts to kill at; empty when it can't be told.
std::set<std::size_t> crash_points(const CrashTest& test) {
  std::set<std::size_t> points;
  test.prepare();
  const auto watched = test.watched();
  auto before = snapshot(watched);
  Stepper child(test.step);
  std::size_t count = 0;
  while (child.advance()) {
    if (++count == kMostSteps) return {};
    if (same(watched, before)) continue;
    before = snapshot(watched);
    points.insert(count);
  }
  for (std::size_t i = 1; count > 0 && i <= kSamples; ++i) points.insert(count * i / kSamples);
  return points;
}

}  // namespace

void begin_crash_zone() { ::raise(SIGSTOP); }
void end_crash_zone() { ::raise(SIGSTOP); }

std::size_t crash_everywhere(const CrashTest& test) {
  const OneCpu pinned;
  const std::set<std::size_t> points = crash_points(test);
  for (const std::size_t point : points) {
    test.prepare();
    {
      Stepper child(test.step);
      for (std::size_t count = 0; count < point && child.advance();) ++count;
    }
    test.examine();
  }
  return points.size();
}

}  // namespace mtask::test
