#include "mtask/sync.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <stdexcept>
#include <string>
#include <utility>

#include "coro/support.hpp"

using namespace mtask;
using test::Log;
using test::run;

namespace {

task<> hold(async_mutex& mutex, Log& log, std::string name, int yields) {
  const auto lock = co_await mutex.lock();
  log.push_back(name + " in");
  for (int i = 0; i < yields; ++i) co_await yield();
  log.push_back(name + " out");
}

task<> use(semaphore& permits, int& now, int& most) {
  const auto permit = co_await permits.acquire();
  ++now;
  most = std::max(most, now);
  co_await yield();
  --now;
}

}  // namespace

TEST_CASE("a mutex lets one in at a time, in the order in which they came") {
  const auto main = [](Log& log) -> task<> {
    async_mutex mutex;
    scope s;
    s.spawn(hold(mutex, log, "a", 3));
    s.spawn(hold(mutex, log, "b", 0));
    s.spawn(hold(mutex, log, "c", 1));
    co_await yield();
    CHECK(mutex.is_locked());
    co_await s.join();
    CHECK_FALSE(mutex.is_locked());
  };
  Log log;
  run(main(log));
  CHECK(log == Log{"a in", "a out", "b in", "b out", "c in", "c out"});
}

TEST_CASE("a semaphore lets as many in as it has permits") {
  const auto main = [](int& most) -> task<> {
    semaphore permits(3);
    int now = 0;
    scope s;
    for (int i = 0; i < 20; ++i) s.spawn(use(permits, now, most));
    co_await s.join();
    CHECK(permits.available() == 3);
  };
  int most = 0;
  run(main(most));
  CHECK(most == 3);
}

TEST_CASE("a waiter that is cancelled leaves its place to the next one") {
  const auto main = [](Log& log) -> task<> {
    async_mutex mutex;
    scope gone;
    scope stay;
    auto lock = co_await mutex.lock();
    gone.spawn(hold(mutex, log, "gone", 0));
    stay.spawn(hold(mutex, log, "stay", 0));
    co_await yield();
    gone.cancel();
    lock.release();
    co_await gone.join();
    co_await stay.join();
    CHECK_FALSE(mutex.is_locked());
  };
  Log log;
  run(main(log));
  CHECK(log == Log{"stay in", "stay out"});
}

TEST_CASE("a lock that was handed to a task that is destroyed before it runs goes on to the next one") {
  const auto broken = [](async_mutex& mutex, Log& log, async_mutex::lock_type lock) -> task<> {
    scope s;
    s.spawn(hold(mutex, log, "gone", 0));
    co_await yield();
    co_await yield();
    lock.release();  // now it is handed to "gone", which is ready
    throw std::runtime_error("left");
  };
  const auto main = [](auto broken_, Log& log) -> task<> {
    async_mutex mutex;
    scope stay;
    auto lock = co_await mutex.lock();
    auto breaking = broken_(mutex, log, std::move(lock));
    stay.spawn(hold(mutex, log, "first", 0));
    try {
      co_await std::move(breaking);
    } catch (const std::runtime_error&) {
      log.push_back("left");
    }
    co_await stay.join();
    CHECK_FALSE(mutex.is_locked());
  };
  Log log;
  run(main(broken, log));
  CHECK(log.back() != "gone out");
  CHECK(std::count(log.begin(), log.end(), "first out") == 1);
  CHECK(std::count(log.begin(), log.end(), "gone in") == 0);
}

TEST_CASE("a permit can be given back early, and moved") {
  const auto main = []() -> task<> {
    semaphore permits(1);
    semaphore::permit kept;
    {
      auto permit = co_await permits.acquire();
      CHECK(permits.available() == 0);
      kept = std::move(permit);
    }
    CHECK(permits.available() == 0);
    CHECK(kept);
    kept.release();
    kept.release();
    CHECK(permits.available() == 1);
  };
  run(main());
}

TEST_CASE("an awaiter that has a name may be awaited again") {
  const auto turns = [](semaphore& s, Log& log, std::string name) -> task<> {
    auto turn = s.acquire();
    for (int i = 0; i < 3; ++i) {
      const semaphore::permit permit = co_await turn;
      log.push_back(name);
      co_await yield();
    }
  };
  const auto main = [](auto turns_, Log& log) -> task<> {
    semaphore s(1);
    scope all;
    for (const char* const name : {"a", "b", "c"}) all.spawn(turns_(s, log, name));
    co_await all.join();
  };
  Log log;
  run(main(turns, log));
  CHECK(log == Log{"a", "b", "c", "a", "b", "c", "a", "b", "c"});
}
