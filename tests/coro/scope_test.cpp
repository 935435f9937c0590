#include "mtask/scope.hpp"

#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>

#include "coro/support.hpp"
#include "os/child.hpp"

using namespace mtask;
using namespace std::chrono_literals;
using test::Log;
using test::run;
using test::Witness;

namespace {

task<> say(Log& log, std::string what, int yields) {
  for (int i = 0; i < yields; ++i) co_await yield();
  log.push_back(std::move(what));
}

task<> fail(std::string why, int yields) {
  for (int i = 0; i < yields; ++i) co_await yield();
  throw std::runtime_error(why);
}

// Sleeps until it is cancelled, and writes that down.
task<> sleeper(Log& log, std::string name) {
  const Witness witness(log, name);
  try {
    co_await sleep_for(1h);
  } catch (const cancelled&) {
    log.push_back(name + " cancelled");
    throw;
  }
}

task<> family(Log& log, std::string name) {
  scope inner(name);
  inner.spawn(sleeper(log, name + "'s child"));
  co_await inner.join();
}

// Whether `f` aborts; in a child process.
template <class F>
bool aborts(F f) {
  auto child = os::Child::fork([&] {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    std::signal(SIGABRT, SIG_DFL);  // Catch has a handler
    ::close(STDERR_FILENO);
    f();
    return 0;
  });
  REQUIRE(child);
  const int status = child->reap();
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

task<> nap() { co_await sleep_for(1h); }
task<> join(scope& joined) { co_await joined.join(); }
task<> two_join() {
  scope joined;
  scope both;
  joined.spawn(nap());
  both.spawn(join(joined));
  both.spawn(join(joined));
  co_await both.join();
}

}  // namespace

TEST_CASE("a scope's tasks run side by side, and join() waits for the last") {
  const auto main = [](Log& log) -> task<> {
    scope s("all");
    s.spawn(say(log, "late", 3));
    s.spawn(say(log, "early", 1));
    CHECK(s.size() == 2);
    CHECK(log.empty());  // none begins before this one waits
    co_await s.join();
    CHECK(s.size() == 0);
    log.push_back("joined");
    s.spawn(say(log, "again", 0));
    co_await s.join();
    co_await s.join();
  };
  Log log;
  run(main(log));
  CHECK(log == Log{"early", "late", "joined", "again"});
}

TEST_CASE("the first exception cancels the others and comes out of join() when all have ended") {
  const auto main = [](Log& log) -> task<> {
    scope s("all");
    s.spawn(sleeper(log, "a"));
    s.spawn(fail("first", 3));
    s.spawn(family(log, "b"));
    s.spawn(fail("second", 4));
    try {
      co_await s.join();
    } catch (const std::runtime_error& error) {
      log.push_back(error.what());
    }
  };
  Log log;
  run(main(log));
  CHECK(log == Log{"a cancelled", "end of a", "b's child cancelled", "end of b's child", "first"});
}

TEST_CASE("cancelling a scope reaches the scopes inside, and is no error") {
  const auto main = [](Log& log) -> task<> {
    scope s("all");
    s.spawn(family(log, "a"));
    co_await yield();
    co_await yield();
    s.cancel();
    s.cancel();
    CHECK(s.is_cancelled());
    co_await s.join();
    log.push_back("joined");
  };
  Log log;
  run(main(log));
  CHECK(log == Log{"a's child cancelled", "end of a's child", "joined"});
}

TEST_CASE("a cancelled task throws at each further co_await") {
  const auto stubborn = [](int& thrown) -> task<> {
    for (int i = 0; i < 3; ++i) {
      try {
        if (i == 1) {
          co_await yield();
        } else {
          co_await sleep_for(1h);
        }
      } catch (const cancelled&) {
        ++thrown;
      }
    }
  };
  const auto main = [](task<> inner) -> task<> {
    scope s("all");
    s.spawn(std::move(inner));
    co_await yield();
    s.cancel();
    co_await s.join();
  };
  int thrown = 0;
  run(main(stubborn(thrown)));
  CHECK(thrown == 3);
}

TEST_CASE("cancelled is no std::exception, so handlers of failures let it pass") {
  static_assert(!std::is_base_of_v<std::exception, cancelled>);
  const auto careful = [](bool& kept_alive) -> task<> {
    try {
      co_await sleep_for(1h);
    } catch (const std::exception&) {
      kept_alive = true;
    }
  };
  const auto main = [](task<> inner) -> task<> {
    scope s;
    s.spawn(std::move(inner));
    co_await yield();
    s.cancel();
    co_await s.join();
  };
  bool kept_alive = false;
  run(main(careful(kept_alive)));
  CHECK_FALSE(kept_alive);
}

TEST_CASE("an exception that leaves a scope behind destroys its tasks where they stand") {
  const auto main = [](Log& log) -> task<> {
    const Witness before(log, "local");
    scope s("all");
    s.spawn(sleeper(log, "a"));
    s.spawn(family(log, "b"));
    co_await yield();
    co_await yield();
    s.spawn(say(log, "never begun", 0));
    throw std::runtime_error("left");
  };
  Log log;
  CHECK_THROWS_WITH(run(main(log)), "left");
  CHECK(log == Log{"end of a", "end of b's child", "end of local"});
}

TEST_CASE("with_scope joins when its body throws, and the body's exception wins") {
  const auto main = [](Log& log) -> task<> {
    const auto body = [](scope& s, Log& to) -> task<> {
      s.spawn(sleeper(to, "a"));
      co_await yield();
      throw std::runtime_error("body");
    };
    const auto bound = [&](scope& s) { return body(s, log); };
    try {
      co_await with_scope("all", bound);
    } catch (const std::runtime_error& error) {
      log.push_back(error.what());
    }
  };
  Log log;
  run(main(log));
  CHECK(log == Log{"a cancelled", "end of a", "body"});
}

TEST_CASE("a scope that is left with living tasks, or outlives its task, ends the program") {
  const auto left = []() -> task<> {
    scope s("forgotten");
    s.spawn(fail("never", 0));
    co_return;
  };
  const auto outlived = [](std::unique_ptr<scope>& kept) -> task<> {
    kept = std::make_unique<scope>("kept");
    kept->spawn(nap());
    co_return;
  };
  CHECK(aborts([&] { run(left()); }));
  std::unique_ptr<scope> kept;
  CHECK(aborts([&] { run(outlived(kept)); }));
}

TEST_CASE("a task knows its name, and the tasks that it awaits have it, too") {
  const auto inner = []() -> task<std::string> {
    co_await yield();
    co_return std::string(co_await this_task::name());
  };
  const auto outer = [](task<std::string> in, std::string& name) -> task<> { name = co_await std::move(in); };
  const auto main = [](task<> first) -> task<std::string> {
    scope s;
    s.spawn(std::move(first), "first");
    co_await s.join();
    co_return std::string(co_await this_task::name());
  };
  std::string name;
  CHECK(run(main(outer(inner(), name))) == "main");
  CHECK(name == "first");
}

TEST_CASE("a stop token tells of cancelling, whenever it was asked for") {
  const auto before = [](std::stop_token& token) -> task<> {
    token = co_await this_task::stop_token();
    CHECK_FALSE(token.stop_requested());
    co_await sleep_for(1h);
  };
  const auto after = [](std::stop_token& token) -> task<> {
    try {
      co_await sleep_for(1h);
    } catch (const cancelled&) {
    }
    token = co_await this_task::stop_token();
  };
  const auto main = [](task<> a, task<> b) -> task<> {
    scope s;
    s.spawn(std::move(a));
    scope t;
    t.spawn(std::move(b));
    co_await yield();
    s.cancel();
    t.cancel();
    co_await s.join();
    co_await t.join();
  };
  std::stop_token early;
  std::stop_token late;
  run(main(before(early), after(late)));
  CHECK(early.stop_requested());
  CHECK(late.stop_requested());
}

TEST_CASE("a stop is requested of a scope's tasks before they are destroyed") {
  const auto waits_for_thread = []() -> task<> {
    const std::stop_token token = co_await this_task::stop_token();
    const std::jthread thread([token] {
      while (!token.stop_requested()) std::this_thread::sleep_for(100us);
    });
    co_await sleep_for(1h);
  };
  const auto main = [](auto work, bool inside) -> task<> {
    scope s;
    const auto in_a_scope = [](task<> inner) -> task<> {
      scope t;
      t.spawn(std::move(inner));
      co_await t.join();
    };
    s.spawn(inside ? in_a_scope(work()) : work());
    co_await yield();
    throw std::runtime_error("left");
  };
  CHECK_THROWS_WITH(run(main(waits_for_thread, false)), "left");
  CHECK_THROWS_WITH(run(main(waits_for_thread, true)), "left");
}

TEST_CASE("a scope is as new once it was joined, also after a failure or cancelling") {
  const auto main = [](Log& log) -> task<> {
    scope s;
    s.spawn(fail("failure", 1));
    std::string why;
    try {
      co_await s.join();
    } catch (const std::runtime_error& error) {
      why = error.what();
    }
    log.push_back(why);
    s.spawn(say(log, "after a failure", 2));
    co_await s.join();
    s.cancel();
    CHECK(s.is_cancelled());
    co_await s.join();
    CHECK_FALSE(s.is_cancelled());
    CHECK_FALSE(s.stop_token().stop_requested());
    s.spawn(say(log, "after cancelling", 2));
    co_await s.join();
  };
  Log log;
  run(main(log));
  CHECK(log == Log{"failure", "after a failure", "after cancelling"});
}

TEST_CASE("a scope that is made in a cancelled task is cancelled") {
  const auto child = [](bool& waited) -> task<> {
    co_await yield();
    waited = true;
  };
  const auto inner = [](task<> in) -> task<> {
    try {
      co_await sleep_for(1h);
    } catch (const cancelled&) {
    }
    scope s("late");
    CHECK(s.is_cancelled());
    s.spawn(std::move(in));
    co_await s.join();
  };
  const auto main = [](task<> in) -> task<> {
    scope s;
    s.spawn(std::move(in));
    co_await yield();
    s.cancel();
    co_await s.join();
  };
  bool waited = false;
  run(main(inner(child(waited))));
  CHECK_FALSE(waited);
}

TEST_CASE("one task at a time joins a scope") { CHECK_THROWS_AS(run(two_join()), std::logic_error); }

TEST_CASE("a scope needs a running loop") { CHECK_THROWS_AS(scope("none"), std::logic_error); }

TEST_CASE("a hundred thousand tasks can be spawned, cancelled and joined") {
  const auto main = []() -> task<std::size_t> {
    scope s;
    Log log;
    const auto sleep = []() -> task<> { co_await sleep_for(1h); };
    for (int i = 0; i < 100'000; ++i) s.spawn(sleep(), "sleeper");
    co_await yield();
    const std::size_t before = s.size();
    s.cancel();
    co_await s.join();
    co_return before - s.size();
  };
  CHECK(run(main()) == 100'000);
}
