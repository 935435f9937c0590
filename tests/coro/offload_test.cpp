#include "mtask/offload.hpp"

#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "coro/support.hpp"
#include "mtask/when.hpp"

using namespace mtask;
using namespace std::chrono_literals;
using test::Log;
using test::run;

namespace {

// Blocks in f until it is opened.
class Gate {
 public:
  void open() {
    open_ = true;
    open_.notify_all();
  }
  void wait() const { open_.wait(false); }

 private:
  std::atomic<bool> open_{false};
};

}  // namespace

TEST_CASE("value and exception of an offloaded function come back to the loop's thread") {
  const auto main = []() -> task<> {
    const auto here = std::this_thread::get_id();
    const auto there = [] { return std::this_thread::get_id(); };
    const auto got14 = co_await offload(there);
    CHECK(got14 != here);
    CHECK(std::this_thread::get_id() == here);
    const auto fails = []() -> int { throw std::runtime_error("offloaded"); };
    std::string why;
    try {
      co_await offload(fails);
    } catch (const std::runtime_error& error) {
      why = error.what();
    }
    CHECK(why == "offloaded");
    const auto owner = [] { return std::make_unique<int>(5); };
    const auto got = co_await offload(owner);
    CHECK(*got == 5);
    bool done = false;
    const auto nothing = [&done] { done = true; };
    co_await offload(nothing);
    CHECK(done);
  };
  run(main());
}

TEST_CASE("offloaded functions run beside each other, and the loop goes on") {
  const auto main = []() -> task<> {
    Gate first;
    Gate second;
    const auto opens_second = [&] {
      first.wait();
      second.open();
    };
    const auto waits_second = [&] { second.wait(); };
    const auto opens_first = [](Gate& gate) -> task<> {
      co_await sleep_for(1ms);
      gate.open();
    };
    co_await when_all(offload(waits_second), offload(opens_second), opens_first(first));
  };
  run(main());
}

TEST_CASE("more functions than threads are all done") {
  const auto main = []() -> task<int> {
    std::atomic<int> count = 0;
    const auto add = [&count] { return ++count; };
    std::vector<task<int>> all;
    all.reserve(500);
    for (int i = 0; i < 500; ++i) all.push_back(offload(add));
    co_await when_all(std::move(all));
    co_return count.load();
  };
  CHECK(run(main()) == 500);
}

TEST_CASE("a cancelled task waits for a function that has begun, then throws") {
  const auto work = [](Gate& begun, Gate& gate, Log& log) -> task<> {
    const auto f = [&] {
      begun.open();
      gate.wait();
    };
    try {
      co_await offload(f);
    } catch (const cancelled&) {
      log.emplace_back("cancelled");
      throw;
    }
  };
  const auto main = [](auto work_, Log& log) -> task<> {
    Gate begun;
    Gate gate;
    scope s;
    s.spawn(work_(begun, gate, log));
    co_await yield();
    begun.wait();
    s.cancel();
    for (int i = 0; i < 5; ++i) co_await yield();
    CHECK(log.empty());
    gate.open();
    co_await s.join();
  };
  Log log;
  run(main(work, log));
  CHECK(log == Log{"cancelled"});
}

TEST_CASE("a function that has not begun is dropped when its task is cancelled") {
  const auto main = []() -> task<> {
    Gate gate;
    std::atomic<int> waiting = 0;
    std::atomic<bool> ran = false;
    const auto block = [&] {
      ++waiting;
      gate.wait();
    };
    const auto never = [&] { ran = true; };
    scope blocked;
    const auto as_task = [](auto f) -> task<> { co_await offload(f); };
    for (int i = 0; i < 8; ++i) blocked.spawn(as_task(block));
    scope dropped;
    while (waiting < 8) co_await sleep_for(100us);
    dropped.spawn(as_task(never));
    co_await yield();
    dropped.cancel();
    co_await dropped.join();
    gate.open();
    co_await blocked.join();
    CHECK_FALSE(ran);
  };
  run(main());
}

TEST_CASE("a task that is destroyed waits for its function, which may use what the task owns") {
  const auto work = [](Gate& begun, std::atomic<bool>& ended) -> task<> {
    const std::vector<int> owned(1000, 1);
    const auto f = [&] {
      begun.open();
      std::this_thread::sleep_for(5ms);
      int sum = 0;
      for (const int one : owned) sum += one;
      ended = sum == 1000;
    };
    co_await offload(f);
  };
  const auto main = [](auto work_, std::atomic<bool>& ended) -> task<> {
    Gate begun;
    scope s;
    s.spawn(work_(begun, ended));
    co_await yield();
    begun.wait();
    throw std::runtime_error("left");
  };
  std::atomic<bool> ended = false;
  CHECK_THROWS_WITH(run(main(work, ended)), "left");
  CHECK(ended);
}

TEST_CASE("helper threads leave signals to the loop's thread") {
  const auto main = []() -> task<bool> {
    const auto blocked = [] {
      sigset_t set;
      ::pthread_sigmask(SIG_BLOCK, nullptr, &set);
      return sigismember(&set, SIGINT) == 1 && sigismember(&set, SIGTERM) == 1;
    };
    co_return co_await offload(blocked);
  };
  CHECK(run(main()));
}

TEST_CASE("a task can be destroyed at any moment of its function's end") {
  const auto work = []() -> task<> {
    const auto f = [] {};
    co_await offload(f);
  };
  const auto main = [](auto work_, int spins) -> task<> {
    scope s;
    for (int i = 0; i < 3; ++i) s.spawn(work_());
    co_await yield();
    for (volatile int i = 0; i < spins;) i = i + 1;
    throw std::runtime_error("left");
  };
  for (int spins = 0; spins < 100'000; spins += 500) CHECK_THROWS_WITH(run(main(work, spins)), "left");
}
