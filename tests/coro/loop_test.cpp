#include "mtask/event_loop.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <regex>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "coro/support.hpp"
#include "mtask/channel.hpp"
#include "mtask/switch.hpp"
#include "mtask/sync.hpp"

using namespace mtask;
using namespace std::chrono_literals;
using test::Log;
using test::run;
using test::Witness;

namespace {

task<> lock_both(async_mutex& first, async_mutex& second) {
  const auto outer = co_await first.lock();
  co_await yield();
  const auto inner = co_await second.lock();
}

task<> deadlocked(Log& log) {
  const Witness witness(log, "main");
  async_mutex a("a");
  async_mutex b("b");
  scope s("two");
  s.spawn(lock_both(a, b), "left");
  s.spawn(lock_both(b, a), "right");
  co_await s.join();
}

task<> work(const int& naps, int& rounds) {
  while (naps < 20) {
    for (const auto until = std::chrono::steady_clock::now() + 3ms; std::chrono::steady_clock::now() < until;) {
    }
    ++rounds;
    co_await yield();
  }
}

task<> work_beside_naps(int& rounds, int& naps) {
  scope s;
  s.spawn(work(naps, rounds));
  for (; naps < 20; ++naps) co_await sleep_for(1ms);
  co_await s.join();
}

}  // namespace

TEST_CASE("a deadlock ends the run with a report of all tasks") {
  Log log;
  event_loop loop;
  std::string report;
  try {
    loop.run(deadlocked(log));
  } catch (const deadlock& error) {
    report = error.what();
  }
  INFO(report);
  const std::regex expected(
      "deadlock: 3 tasks wait for what nothing can bring\n"
      "  'main' waits: join of scope 'two'\n"
      "  'left' of scope 'two' waits: mutex 'b'; spawned at .*loop_test\\.cpp:[0-9]+\n"
      "  'right' of scope 'two' waits: mutex 'a'; spawned at .*loop_test\\.cpp:[0-9]+");
  CHECK(std::regex_match(report, expected));
  CHECK(log == Log{"end of main"});  // and nothing is left
  const auto next = []() -> task<int> { co_return 1; };
  CHECK(loop.run(next()) == 1);
}

TEST_CASE("the report tells channels, parked tasks and semaphores") {
  const auto receive = [](channel<int>& from) -> task<> { co_await from.receive(); };
  const auto send = [](channel<int>& to) -> task<> {
    co_await to.send(1);
    co_await to.send(2);
  };
  const auto wait = [](semaphore& at) -> task<> { const auto permit = co_await at.acquire(); };
  const auto stay = []() -> task<> { co_await park(); };
  const auto main = [](auto receive_, auto send_, auto wait_, auto stay_) -> task<> {
    channel<int> empty(1, "empty");
    channel<int> full(1, "full");
    semaphore none(0);
    scope s;
    s.spawn(receive_(empty), "r");
    s.spawn(send_(full), "s");
    s.spawn(wait_(none), "w");
    s.spawn(stay_(), "p");
    co_await s.join();
  };
  std::string report;
  try {
    run(main(receive, send, wait, stay));
  } catch (const deadlock& error) {
    report = error.what();
  }
  INFO(report);
  for (const char* part : {"'r' waits: channel 'empty' receive;", "'s' waits: channel 'full' send;",
                           "'w' waits: semaphore;", "'p' waits: park;"}) {
    CHECK(report.find(part) != std::string::npos);
  }
}

TEST_CASE("the report of a deadlock names the failure that nobody heard of") {
  const auto producer = [](channel<int>& to) -> task<> {
    co_await to.send(1);
    throw std::runtime_error("disk on fire");
  };
  const auto main = [](auto producer_) -> task<> {
    channel<int> numbers(4, "numbers");
    scope s("work");
    s.spawn(producer_(numbers), "producer");
    while (co_await numbers.receive()) continue;
    co_await s.join();
  };
  CHECK_THROWS_WITH(run(main(producer)), Catch::Contains("'main' waits: channel 'numbers' receive") &&
                                             Catch::Contains("scope 'work' has failed: disk on fire"));
}

TEST_CASE("a sleeping task, a watched descriptor or expected posts are no deadlock") {
  const auto sleeping = []() -> task<> {
    channel<int> ch(1);
    const auto send = [](channel<int>& to) -> task<> {
      co_await sleep_for(1ms);
      co_await to.send(1);
    };
    scope s;
    s.spawn(send(ch));
    const auto got33 = co_await ch.receive();
    CHECK(got33 == 1);
    co_await s.join();
  };
  run(sleeping());

  event_loop loop;
  channel<int> ch(1);
  const auto receive = [](channel<int>& from) -> task<bool> { co_return (co_await from.receive()).has_value(); };
  const auto expected = loop.expect_posts();
  const std::jthread poster([&] { loop.post([&] { ch.close(); }); });
  CHECK_FALSE(loop.run(receive(ch)));
}

TEST_CASE("what other threads post is done in order, on the loop's thread, with nothing lost") {
  constexpr int kEach = 2000;
  event_loop loop;
  std::vector<int> seen[2];
  bool foreign = false;
  const auto loop_thread = std::this_thread::get_id();
  const auto main = [](const std::vector<int>(&in)[2]) -> task<> {
    while (in[0].size() + in[1].size() < 2 * kEach) co_await sleep_for(100us);
  };
  std::vector<std::jthread> posters;
  for (auto& to : seen) {
    posters.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) {
        loop.post([&, i] {
          to.push_back(i);
          if (std::this_thread::get_id() != loop_thread) foreign = true;
        });
      }
    });
  }
  loop.run(main(seen));
  CHECK_FALSE(foreign);
  for (const auto& in : seen) {
    for (int i = 0; i < kEach; ++i) REQUIRE(in[static_cast<std::size_t>(i)] == i);
  }
}

TEST_CASE("what a posted function throws ends the run") {
  event_loop loop;
  loop.post([] { throw std::runtime_error("posted"); });
  const auto main = []() -> task<> { co_await sleep_for(1h); };
  CHECK_THROWS_WITH(loop.run(main()), "posted");
}

TEST_CASE("a stop request from another thread cancels the run") {
  event_loop loop;
  std::stop_source stop;
  Log log;
  const auto main = [](Log& to) -> task<int> {
    const Witness witness(to, "main");
    co_await sleep_for(1h);
    co_return 1;
  };
  const std::jthread requester([&] { stop.request_stop(); });
  CHECK_THROWS_AS(loop.run(main(log), "main", stop.get_token()), cancelled);
  CHECK(log == Log{"end of main"});
  const auto quick = []() -> task<int> { co_return 2; };
  CHECK(loop.run(quick(), "main", stop.get_token()) == 2);  // it came too late
}

TEST_CASE("a stop request that comes at the end of a run does nothing to the next one") {
  event_loop loop;
  std::stop_source stop;
  const auto stops = [](std::stop_source& source) -> task<int> {
    source.request_stop();
    co_return 1;
  };
  const auto waits = []() -> task<int> {
    co_await sleep_for(1ms);
    co_return 2;
  };
  CHECK(loop.run(stops(stop), "first", stop.get_token()) == 1);
  CHECK(loop.run(waits()) == 2);
}

TEST_CASE("tasks that keep the processor long leave the loop its looks at timers") {
  int rounds = 0;
  int naps = 0;
  run(work_beside_naps(rounds, naps));
  CHECK(naps == 20);
  CHECK(rounds < naps * 32);  // a look after 64 of them would be too late
}

TEST_CASE("two loops run in two threads without knowing of each other") {
  const auto main = [](int id) -> task<int> {
    int sum = 0;
    for (int i = 0; i < 1000; ++i) {
      sum += id;
      if (i % 100 == 0) co_await sleep_for(10us);
      co_await yield();
    }
    co_return sum;
  };
  int sums[2] = {};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 2; ++i) threads.emplace_back([&, i] { sums[i] = run(main(i + 1)); });
  }
  CHECK(sums[0] == 1000);
  CHECK(sums[1] == 2000);
}

TEST_CASE("one thread runs one loop at a time") {
  const auto nested = []() -> task<> {
    event_loop second;
    const auto nothing = []() -> task<> { co_return; };
    CHECK_THROWS_AS(second.run(nothing()), std::logic_error);
    co_return;
  };
  run(nested());
  CHECK_THROWS_AS(event_loop::current(), std::logic_error);
}

TEST_CASE("a task that keeps the loop from others is told of by name") {
  event_loop loop;
  std::vector<std::string> told;
  loop.on_blocked([&](std::string_view name, std::chrono::nanoseconds time) {
    CHECK(time > 100ms);
    told.emplace_back(name);
  });
  const auto block = []() -> task<> {
    std::this_thread::sleep_for(120ms);
    co_return;
  };
  const auto main = [](task<> blocking) -> task<> {
    scope s;
    s.spawn(std::move(blocking), "blocking");
    co_await sleep_for(150ms);  // long, but not blocking
    co_await s.join();
  };
  loop.run(main(block()));
  CHECK(std::find(told.begin(), told.end(), "blocking") != told.end());
}
