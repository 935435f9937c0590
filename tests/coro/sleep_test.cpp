#include "mtask/sleep.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <utility>

#include "coro/support.hpp"

using namespace mtask;
using namespace std::chrono_literals;
using std::chrono::steady_clock;
using test::Log;
using test::run;

namespace {

task<> wake_at(steady_clock::time_point time, Log& log, std::string name) {
  co_await sleep_until(time);
  CHECK(steady_clock::now() >= time);
  log.push_back(std::move(name));
}

}  // namespace

TEST_CASE("sleepers wake by their times, those of one time in the order in which they lay down") {
  const auto main = [](Log& log) -> task<> {
    const auto start = steady_clock::now();
    scope s;
    s.spawn(wake_at(start + 3ms, log, "third"));
    s.spawn(wake_at(start + 1ms, log, "first"));
    s.spawn(wake_at(start + 2ms, log, "second a"));
    s.spawn(wake_at(start + 2ms, log, "second b"));
    s.spawn(wake_at(start - 1h, log, "past"));
    co_await s.join();
  };
  Log log;
  run(main(log));
  CHECK(log == Log{"past", "first", "second a", "second b", "third"});
}

TEST_CASE("no sleep is shorter than asked for, whatever the unit") {
  const auto main = []() -> task<> {
    const auto start = steady_clock::now();
    co_await sleep_for(std::chrono::duration<double>(0.0005));
    CHECK(steady_clock::now() - start >= 500us);
    co_await sleep_for(0s);
    co_await sleep_for(-1h);
    co_await sleep_for(1ns);
  };
  run(main());
}

TEST_CASE("a time that is over is slept through at once, however long ago") {
  const auto main = []() -> task<> {
    co_await sleep_for(-1ns);
    co_await sleep_for(std::chrono::hours::min());
    co_await sleep_for(std::chrono::duration<double>(-1e300));
  };
  run(main());
}

TEST_CASE("a sleep that is too long for the clock is for ever, not over at once") {
  const auto forever = [](int& over) -> task<> {
    ++over;
    co_await sleep_for(std::chrono::hours::max());
    ++over;
  };
  const auto forever_double = [](int& over) -> task<> {
    ++over;
    co_await sleep_for(std::chrono::duration<double>(1e300));
    ++over;
  };
  const auto main = [](task<> a, task<> b) -> task<> {
    scope s;
    s.spawn(std::move(a));
    s.spawn(std::move(b));
    co_await sleep_for(1ms);
    s.cancel();
    co_await s.join();
  };
  int over = 0;
  run(main(forever(over), forever_double(over)));
  CHECK(over == 2);
}

TEST_CASE("two tasks that yield take turns") {
  const auto turns = [](Log& log, std::string name) -> task<> {
    for (int i = 0; i < 3; ++i) {
      log.push_back(name);
      co_await yield();
    }
  };
  const auto main = [](task<> a, task<> b) -> task<> {
    scope s;
    s.spawn(std::move(a));
    s.spawn(std::move(b));
    co_await s.join();
  };
  Log log;
  run(main(turns(log, "a"), turns(log, "b")));
  CHECK(log == Log{"a", "b", "a", "b", "a", "b"});
}

TEST_CASE("tasks that never stop yielding don't keep a sleeper from waking") {
  const auto busy = [](const bool& stop) -> task<> {
    while (!stop) co_await yield();
  };
  const auto main = [](auto busy_) -> task<> {
    bool stop = false;
    scope s;
    s.spawn(busy_(stop));
    s.spawn(busy_(stop));
    co_await sleep_for(1ms);
    stop = true;
    co_await s.join();
  };
  run(main(busy));
}

TEST_CASE("many tasks that never stop yielding leave sleepers a fair share") {
  const auto busy = [](const bool& stop, long& yields) -> task<> {
    while (!stop) {
      co_await yield();
      ++yields;
    }
  };
  const auto short_sleeps = [](int count, int& wakes) -> task<> {
    for (int i = 0; i < count; ++i, ++wakes) co_await sleep_for(1ns);
  };
  const auto main = [](auto busy_, auto short_sleeps_, long& yields, int& wakes) -> task<> {
    bool stop = false;
    scope s;
    for (int i = 0; i < 600; ++i) s.spawn(busy_(stop, yields));
    {
      scope sleepers;
      for (int i = 0; i < 3000; ++i) sleepers.spawn(short_sleeps_(10, wakes));
      co_await sleepers.join();
    }
    stop = true;
    co_await s.join();
  };
  long yields = 0;
  int wakes = 0;
  run(main(busy, short_sleeps, yields, wakes));
  CHECK(wakes == 30'000);
  CHECK(yields < 3L * wakes);
}
