#include "mtask/task.hpp"

#include <catch2/catch.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "coro/support.hpp"

using namespace mtask;
using test::Log;
using test::run;
using test::Witness;

namespace {

task<int> seven() { co_return 7; }
task<> nothing() { co_return; }
task<> fails(std::string why) {
  co_await yield();
  throw std::runtime_error(why);
}

task<int> sum_of(int count) {
  int sum = 0;
  for (int i = 0; i < count; ++i) sum += co_await seven();
  co_return sum;
}

task<int> depth(int levels) {
  if (levels == 0) co_return 0;
  co_return 1 + co_await depth(levels - 1);
}

task<> sleep_at_depth(int levels, int& reached) {
  if (levels == 0) {
    co_await sleep_for(std::chrono::hours(1));
  } else {
    ++reached;
    co_await sleep_at_depth(levels - 1, reached);
  }
}

task<> ends(Log& to) {
  const Witness witness(to, "inner");
  co_await yield();
}

task<> outer(Log& to) {
  co_await ends(to);
  to.push_back("outer goes on");
}

}  // namespace

TEST_CASE("a task runs when it is awaited, and its value comes out") {
  bool ran = false;
  const auto work = [](bool& ran_) -> task<std::string> {
    ran_ = true;
    co_return "done";
  };
  const auto main = [](task<std::string> inner, const bool& ran_) -> task<std::string> {
    CHECK_FALSE(ran_);
    co_return co_await std::move(inner);
  };
  auto inner = work(ran);
  CHECK_FALSE(ran);
  CHECK(run(main(std::move(inner), ran)) == "done");
}

TEST_CASE("a task that is never awaited is destroyed with what it was given") {
  auto owned = std::make_shared<int>(1);
  const auto hold = [](std::shared_ptr<int> given) -> task<int> { co_return *given; };
  {
    const auto unused = hold(owned);
    CHECK(owned.use_count() == 2);
  }
  CHECK(owned.use_count() == 1);
}

TEST_CASE("values may be move-only, or references") {
  const auto owner = []() -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(3); };
  CHECK(*run(owner()) == 3);
  int place = 1;
  const auto reference = [](int& to) -> task<int&> { co_return to; };
  CHECK(&run(reference(place)) == &place);
  run(nothing());
}

TEST_CASE("an exception comes out of every co_await up to run()") {
  const auto middle = [](bool caught) -> task<int> {
    try {
      co_await fails("inner");
    } catch (const std::runtime_error& error) {
      if (!caught) throw;
      CHECK(std::string(error.what()) == "inner");
    }
    co_return 1;
  };
  CHECK(run(middle(true)) == 1);
  event_loop loop;
  CHECK_THROWS_WITH(loop.run(middle(false)), "inner");
  CHECK(loop.run(seven()) == 7);
}

TEST_CASE("awaiting an empty task is an error") {
  const auto twice = []() -> task<int> {
    task<int> once = seven();
    task<int> moved = std::move(once);
    co_await std::move(moved);
    co_return co_await std::move(once);  // NOLINT(bugprone-use-after-move)
  };
  CHECK_THROWS_AS(run(twice()), std::logic_error);
}

TEST_CASE("a task that has ended is not awaited or spawned again") {
  const auto await_again = []() -> task<int> {
    task<int> once = seven();
    const int first = co_await std::move(once);
    CHECK_FALSE(once);  // NOLINT(bugprone-use-after-move)
    co_return first + co_await std::move(once);
  };
  const auto spawn_again = []() -> task<> {
    task<> once = [](auto) -> task<> { co_return; }(0);
    co_await std::move(once);
    scope s;
    s.spawn(std::move(once));  // NOLINT(bugprone-use-after-move)
  };
  CHECK_THROWS_AS(run(await_again()), std::logic_error);
  CHECK_THROWS_AS(run(spawn_again()), std::logic_error);
}

TEST_CASE("a million tasks one after the other, or inside each other, need no stack") {
  CHECK(run(sum_of(1'000'000)) == 7'000'000);
  CHECK(run(depth(1'000'000)) == 1'000'000);
}

TEST_CASE("a hundred thousand tasks inside each other can be cancelled") {
  const auto main = []() -> task<int> {
    int reached = 0;
    scope s("deep");
    s.spawn(sleep_at_depth(100'000, reached));
    co_await yield();
    s.cancel();
    co_await s.join();
    co_return reached;
  };
  CHECK(run(main()) == 100'000);
}

TEST_CASE("a million tasks inside each other can be destroyed half-way") {
  int reached = 0;
  const auto main = [](int& count) -> task<> {
    scope s("deep");
    s.spawn(sleep_at_depth(1'000'000, count));
    co_await yield();
    throw std::runtime_error("left");
  };
  CHECK_THROWS_WITH(run(main(reached)), "left");
  CHECK(reached == 1'000'000);
}

TEST_CASE("locals end before whoever awaits goes on") {
  Log log;
  run(outer(log));
  CHECK(log == Log{"end of inner", "outer goes on"});
}
