#include "workers/robust_mutex.hpp"

#include <poll.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <fstream>
#include <string>

#include "os/child.hpp"
#include "os/shared_region.hpp"
#include "support/environment.hpp"

using namespace mtask;
using workers::RobustMutex;

namespace {

struct Shared {
  Shared() { mutex->init(); }
  os::SharedRegion region = os::SharedRegion::map(4096).value();
  RobustMutex* mutex = region.carve<RobustMutex>(1);
};

// Waits until the process sleeps in futex(2); false when that can't be seen, or doesn't come within a minute.
bool sleeps_in_futex(pid_t pid) {
#ifdef __SANITIZE_THREAD__
  return false;  // it waits otherwise there
#endif
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (std::chrono::steady_clock::now() < deadline) {
    std::string call;
    if (!(std::ifstream("/proc/" + std::to_string(pid) + "/syscall") >> call)) return false;
    if (call == std::to_string(SYS_futex)) return true;
    ::sched_yield();
  }
  return false;
}

bool ends_within(const os::Child& child, std::chrono::milliseconds time) {
  pollfd entry{child.pidfd(), POLLIN, 0};
  return ::poll(&entry, 1, static_cast<int>(time.count())) == 1;
}

// This process, and those it forks, on one CPU.
class OneCpu {
 public:
  OneCpu() {
    ::sched_getaffinity(0, sizeof(before_), &before_);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<unsigned>(::sched_getcpu()), &one);
    ::sched_setaffinity(0, sizeof(one), &one);
  }
  ~OneCpu() { ::sched_setaffinity(0, sizeof(before_), &before_); }
  OneCpu(const OneCpu&) = delete;
  OneCpu& operator=(const OneCpu&) = delete;

 private:
  cpu_set_t before_{};
};

// Locks and lets go; as a process that runs only when no other wants its CPU.
int lock_lazily(RobustMutex& mutex) {
  const sched_param none{};
  ::sched_setscheduler(0, SCHED_IDLE, &none);
  static_cast<void>(mutex.lock());
  mutex.unlock();
  return 0;
}

}  // namespace

TEST_CASE("a lock excludes other processes") {
  Shared shared;
  auto* counter = shared.region.carve<std::uint64_t>(1);
  constexpr std::uint64_t kTurns = 20'000;
  const auto count = [&] {
    for (std::uint64_t i = 0; i < kTurns; ++i) {
      static_cast<void>(shared.mutex->lock());
      const std::uint64_t seen = *counter;
      std::atomic_signal_fence(std::memory_order_seq_cst);
      *counter = seen + 1;
      shared.mutex->unlock();
    }
    return 0;
  };
  auto one = os::Child::fork(count);
  auto two = os::Child::fork(count);
  REQUIRE(one);
  REQUIRE(two);
  CHECK(one->reap() == 0);
  CHECK(two->reap() == 0);
  CHECK(*counter == 2 * kTurns);
}

TEST_CASE("the death of a holder is told to the next one, once") {
  Shared shared;
  for (int round = 0; round < 3; ++round) {
    auto child = os::Child::fork([&] {
      static_cast<void>(shared.mutex->lock());
      return ::kill(::getpid(), SIGKILL);
    });
    REQUIRE(child);
    CHECK(child->reap() == SIGKILL);
    CHECK_FALSE(shared.mutex->lock());
    shared.mutex->unlock();
    CHECK(shared.mutex->lock());
    shared.mutex->unlock();
  }
}

TEST_CASE("who waits is let in when the holder dies") {
  Shared shared;
  auto* held = shared.region.carve<std::atomic<bool>>(1);
  auto holder = os::Child::fork([&] {
    static_cast<void>(shared.mutex->lock());
    *held = true;
    for (;;) ::pause();
    return 0;
  });
  REQUIRE(holder);
  while (!*held) ::sched_yield();
  auto waiter = os::Child::fork([&] { return shared.mutex->lock() ? 1 : 0; });
  REQUIRE(waiter);
  if (!sleeps_in_futex(waiter->pid())) MTASK_SKIP("system calls of other processes can't be seen here");
  holder->kill(SIGKILL);
  REQUIRE(ends_within(*waiter, std::chrono::seconds(60)));
  CHECK(waiter->reap() == 0);
}

// The kernel wakes one sleeper. If that one is killed before it takes the lock, while a third process has it, nobody
// wakes the others: the third doesn't know of them.
TEST_CASE("who waits is let in although another waiter was woken and killed") {
#ifdef __SANITIZE_THREAD__
  MTASK_SKIP("the thread sanitizer takes a lock held across a fork for the child's");
#endif
  Shared shared;
  const OneCpu pinned;
  for (int attempt = 0; attempt < 20; ++attempt) {
    REQUIRE(shared.mutex->lock());
    auto first = os::Child::fork([&] { return lock_lazily(*shared.mutex); });
    REQUIRE(first);
    if (!sleeps_in_futex(first->pid())) MTASK_SKIP("system calls of other processes can't be seen here");
    auto second = os::Child::fork([&] { return lock_lazily(*shared.mutex); });
    REQUIRE(second);
    REQUIRE(sleeps_in_futex(second->pid()));
    shared.mutex->unlock();  // wakes the first, which doesn't get the CPU
    static_cast<void>(shared.mutex->lock());
    first->kill(SIGKILL);
    static_cast<void>(first->reap());
    shared.mutex->unlock();
    REQUIRE(ends_within(*second, std::chrono::seconds(20)));
    static_cast<void>(second->reap());
  }
}
