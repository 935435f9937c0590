#include "mtask/switch.hpp"

#include <catch2/catch.hpp>
#include <stdexcept>
#include <string>
#include <utility>

#include "coro/support.hpp"

using namespace mtask;
using namespace std::chrono_literals;
using test::Log;
using test::run;

namespace {

struct Two {
  task_ref first;
  task_ref second;
};

task<> first(Two& refs, Log& log) {
  log.emplace_back("12");
  co_await switch_to(refs.second);
  log.emplace_back("34");
  co_await switch_to(refs.second);
}
task<> second(Two& refs, Log& log) {
  log.emplace_back("56");
  co_await switch_to(refs.first);
  log.emplace_back("78");
}

}  // namespace

TEST_CASE("switch_to runs a task at once, before all that are ready") {
  const auto main = [](Log& log) -> task<> {
    Two refs;
    scope s("two");
    const auto other = [](Log& to) -> task<> {
      to.emplace_back("other");
      co_return;
    };
    s.spawn(other(log));
    refs.first = s.spawn(first(refs, log), "first").ref();
    refs.second = s.spawn(second(refs, log), "second").ref();
    const task_ref self = co_await this_task::ref();
    CHECK(self.name() == "main");
    unpark(self);  // not parked
    co_await yield();
    CHECK(refs.first.alive());
    CHECK_FALSE(refs.second.alive());
    co_await switch_to(self);
    log.emplace_back("unpark");
    unpark(refs.first);
    co_await s.join();
    CHECK_FALSE(refs.first.alive());
    CHECK(refs.first.name().empty());
  };
  Log log;
  run(main(log));
  CHECK(log == Log{"other", "12", "56", "34", "78", "unpark"});
}

TEST_CASE("a parked task sleeps until somebody switches to it") {
  const auto parked = [](Log& log, task_ref back) -> task<> {
    co_await park();
    log.emplace_back("switched to");
    co_await switch_to(back);
    log.emplace_back("unparked");
  };
  const auto main = [](auto parked_, Log& log) -> task<> {
    scope s;
    const task_ref other = s.spawn(parked_(log, co_await this_task::ref())).ref();
    co_await yield();
    log.emplace_back("before");
    co_await switch_to(other);
    log.emplace_back("back");
    unpark(other);
    co_await s.join();
  };
  Log log;
  run(main(parked, log));
  CHECK(log == Log{"before", "switched to", "back", "unparked"});
}

TEST_CASE("switching to what waits for something else, or has ended, is an error") {
  const auto sleeps = []() -> task<> { co_await sleep_for(1h); };
  const auto ends = []() -> task<> { co_return; };
  const auto tries = [](task_ref to) -> task<std::string> {
    try {
      co_await switch_to(to);
    } catch (const std::logic_error& error) {
      co_return error.what();
    }
    co_return "";
  };
  const auto main = [](task<> sleeps_, task<> ends_, auto tries_) -> task<> {
    scope s;
    const task_ref sleeping = s.spawn(std::move(sleeps_), "sleepy").ref();
    const task_ref ended = s.spawn(std::move(ends_)).ref();
    co_await yield();
    const auto got15 = co_await tries_(sleeping);
    CHECK(got15 == "switch_to: task 'sleepy' waits: sleep");
    const auto got16 = co_await tries_(ended);
    CHECK(got16 == "switch_to: the task has ended");
    const auto got17 = co_await tries_(task_ref());
    CHECK(got17 == "switch_to: the task has ended");
    s.cancel();
    co_await s.join();
  };
  run(main(sleeps(), ends(), tries));
}

TEST_CASE("parked and switching tasks can be cancelled") {
  const auto parks = [](Log& log) -> task<> {
    try {
      co_await park();
    } catch (const cancelled&) {
      log.emplace_back("cancelled");
      throw;
    }
  };
  const auto main = [](task<> parks_) -> task<> {
    scope s;
    s.spawn(std::move(parks_));
    co_await yield();
    s.cancel();
    co_await s.join();
  };
  Log log;
  run(main(parks(log)));
  CHECK(log == Log{"cancelled"});
}

TEST_CASE("a reference outlives its task and never names another one") {
  const auto ends = []() -> task<> { co_return; };
  const auto main = [](auto ends_) -> task<> {
    scope s;
    const task_ref old = s.spawn(ends_(), "old").ref();
    co_await s.join();
    for (int i = 0; i < 100; ++i) {  // one of them may get the same memory
      const task_ref fresh = s.spawn(ends_(), "new").ref();
      CHECK_FALSE(fresh == old);
      CHECK_FALSE(old.alive());
      co_await s.join();
    }
  };
  run(main(ends));
}

TEST_CASE("a thousand switches in a row, while nothing else is ready, are no deadlock") {
  struct Pair {
    task_ref here;
    task_ref there;
    int switches = 0;
  };
  const auto answer = [](Pair& pair) -> task<> {
    while (pair.switches < 1000) {
      ++pair.switches;
      co_await switch_to(pair.here);
    }
  };
  const auto main = [](auto answer_of, Pair& pair) -> task<> {
    scope s("pair");
    pair.here = co_await this_task::ref();
    pair.there = s.spawn(answer_of(pair), "there").ref();
    while (pair.switches < 1000) co_await switch_to(pair.there);
    unpark(pair.there);
    co_await s.join();
  };
  Pair pair;
  run(main(answer, pair));
  CHECK(pair.switches == 1000);
}

TEST_CASE("a task is no task any more to who refers to it, once its coroutines are being destroyed") {
  // Looks at its task when it ends.
  struct Guard {
    Guard(task_ref ref, Log& to) : self(std::move(ref)), log(&to) {}
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;
    ~Guard() { log->push_back(self.alive() ? "alive: " + self.name() : "ended"); }
    task_ref self;
    Log* log;
  };
  const auto parked = [](Log& log) -> task<> {
    const task_ref self = co_await this_task::ref();
    const Guard guard(self, log);
    co_await park();
  };
  const auto main = [](auto parked_, Log& log) -> task<> {
    scope s;
    s.spawn(parked_(log), "a name that is too long to be kept in place");
    s.spawn(parked_(log), "another name that is too long to be kept in place");
    co_await yield();
    throw std::runtime_error("left");
  };
  Log log;
  CHECK_THROWS_WITH(run(main(parked, log)), "left");
  CHECK(log == Log{"ended", "ended"});
}
