#include "mtask/when.hpp"

#include <catch2/catch.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "coro/support.hpp"

using namespace mtask;
using namespace std::chrono_literals;
using test::Log;
using test::run;
using test::Witness;

namespace {

template <class T>
task<T> after(int yields, T value) {
  for (int i = 0; i < yields; ++i) co_await yield();
  co_return value;
}
task<> fails_after(int yields, std::string why) {
  for (int i = 0; i < yields; ++i) co_await yield();
  throw std::runtime_error(why);
}
task<int> for_ever(Log& log, std::string name) {
  const Witness witness(log, name);
  co_await sleep_for(1h);
  co_return 0;
}
// Takes its time to end when it is cancelled.
task<int> slow_to_end(Log& log) {
  try {
    co_await sleep_for(1h);
  } catch (const cancelled&) {
    log.emplace_back("ending");
  }
  co_return 1;
}
task<int> fails_when_cancelled() {
  try {
    co_await sleep_for(1h);
  } catch (const cancelled&) {
  }
  throw std::runtime_error("too late");
}
task<> nothing() { co_return; }

template <class T>
task<T> forward(task<T> inner) {
  co_return co_await std::move(inner);
}

}  // namespace

TEST_CASE("when_all gives all values in the order of its tasks") {
  const auto main = []() -> task<> {
    const auto [a, b, c] = co_await when_all(after(3, 1), after(0, std::string("two")), nothing());
    CHECK(a == 1);
    CHECK(b == "two");
    static_assert(std::is_same_v<decltype(c), const std::monostate>);
    std::vector<task<int>> some;
    some.reserve(10);
    for (int i = 0; i < 10; ++i) some.push_back(after(10 - i, i));
    const std::vector<int> values = co_await when_all(std::move(some));
    REQUIRE(values.size() == 10);
    for (int i = 0; i < 10; ++i) CHECK(values[static_cast<std::size_t>(i)] == i);
    std::vector<task<>> none;
    co_await when_all(std::move(none));
  };
  run(main());
}

TEST_CASE("when_all throws the first exception after the others were cancelled and have ended") {
  const auto main = [](Log& log) -> task<> {
    try {
      co_await when_all(for_ever(log, "a"), fails_after(1, "first"), for_ever(log, "b"));
    } catch (const std::runtime_error& error) {
      log.emplace_back(error.what());
    }
  };
  Log log;
  run(main(log));
  CHECK(log == Log{"end of a", "end of b", "first"});
}

TEST_CASE("when_any gives the first value; the losers have ended before it comes back") {
  const auto main = [](Log& log) -> task<> {
    const auto first = co_await when_any(for_ever(log, "a"), after(2, 7), slow_to_end(log));
    log.emplace_back("back");
    CHECK(first.index == 1);
    CHECK(first.value == 7);
    std::vector<task<int>> some;
    some.push_back(for_ever(log, "b"));
    some.push_back(after(0, 5));
    const auto other = co_await when_any(std::move(some));
    CHECK(other.index == 1);
    CHECK(other.value == 5);
  };
  Log log;
  run(main(log));
  CHECK(log == Log{"end of a", "ending", "back", "end of b"});
}

TEST_CASE("when_any tells tasks of different types apart") {
  const auto main = []() -> task<> {
    const auto first = co_await when_any(after(5, 1), after(1, std::string("text")), fails_after(9, "late"));
    CHECK(first.index == 1);
    CHECK(std::get<std::string>(first.value) == "text");
    const auto same_types = co_await when_any(after(5, 1), nothing(), after(1, 2), nothing());
    CHECK(same_types.value.index() == same_types.index);
    const auto only = co_await when_any(nothing(), nothing());
    CHECK(only.index == 0);
    std::vector<task<>> none;
    bool refused = false;
    try {
      co_await when_any(std::move(none));
    } catch (const std::invalid_argument&) {
      refused = true;
    }
    CHECK(refused);
  };
  run(main());
}

TEST_CASE("the first to end decides when_any also by an exception; later ones are dropped") {
  const auto first = [](Log& log) -> task<> {
    co_await when_any(for_ever(log, "a"), forward(fails_when_cancelled()), forward(after(1, 3)));
    co_await when_any(nothing(), fails_after(1, "first"));
    co_await when_any(fails_after(3, "never"), fails_after(1, "first"));
  };
  Log log;
  CHECK_THROWS_WITH(run(first(log)), "first");
  CHECK(log == Log{"end of a"});
}

TEST_CASE("with_timeout gives the value, or none after cancelling") {
  const auto main = [](Log& log) -> task<> {
    const auto got9 = co_await with_timeout(1h, after(3, 4));
    CHECK(got9 == 4);
    const auto got10 = co_await with_timeout(1ms, for_ever(log, "a"));
    CHECK(got10 == std::nullopt);
    log.emplace_back("back");
    const auto got11 = co_await with_timeout(1h, nothing());
    CHECK(got11);
    const auto got12 = co_await with_timeout(1ms, [](Log& to) -> task<> { co_await for_ever(to, "b"); }(log));
    CHECK_FALSE(got12);
    const auto got13 = co_await with_timeout(1ms, slow_to_end(log));
    CHECK(got13 == 1);  // it ended all the same
    try {
      co_await with_timeout(1h, fails_after(1, "inner"));
    } catch (const std::runtime_error& error) {
      log.emplace_back(error.what());
    }
  };
  Log log;
  run(main(log));
  CHECK(log == Log{"end of a", "back", "end of b", "ending", "inner"});
}

TEST_CASE("all three end all their tasks when they are cancelled themselves") {
  const auto kind = GENERATE(0, 1, 2);
  const auto waits = [](int which, Log& log) -> task<> {
    if (which == 0) co_await when_all(for_ever(log, "a"), for_ever(log, "b"));
    if (which == 1) co_await when_any(for_ever(log, "a"), for_ever(log, "b"));
    if (which == 2) co_await with_timeout(1h, when_any(for_ever(log, "a"), for_ever(log, "b")));
    log.emplace_back("not cancelled");
  };
  const auto main = [](task<> inner) -> task<> {
    scope s;
    s.spawn(std::move(inner));
    for (int i = 0; i < 5; ++i) co_await yield();
    s.cancel();
    co_await s.join();
  };
  Log log;
  run(main(waits(kind, log)));
  CHECK(log == Log{"end of a", "end of b"});
}

TEST_CASE("the parts are named after the whole") {
  const auto name = []() -> task<std::string> { co_return std::string(co_await this_task::name()); };
  const auto main = [](task<std::string> a, task<std::string> b) -> task<> {
    const auto [first, second] = co_await when_all(std::move(a), std::move(b));
    CHECK(first == "main[0]");
    CHECK(second == "main[1]");
  };
  run(main(name(), name()));
}
