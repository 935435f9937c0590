// Functions called in worker processes: results, exceptions and deaths come back.
#include "mtask/process_pool.hpp"

#include <signal.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <numeric>
#include <set>
#include <stdexcept>

namespace {

using mtask::process_pool;
using mtask::Result;

TEST_CASE("map gives the results in the arguments' order, made by several processes") {
  process_pool<std::pair<int, pid_t>(int)> pool([](int n) { return std::pair(n * n, ::getpid()); }, {.workers = 3});
  std::vector<int> arguments(1000);
  std::iota(arguments.begin(), arguments.end(), 0);
  const auto results = pool.map(arguments);
  REQUIRE(results.has_value());
  std::set<pid_t> pids;
  for (int n = 0; n < 1000; ++n) {
    CHECK((*results)[static_cast<std::size_t>(n)].first == n * n);
    pids.insert((*results)[static_cast<std::size_t>(n)].second);
  }
  CHECK(pids.count(::getpid()) == 0);
  CHECK(pool.finish().has_value());
}

TEST_CASE("typed arguments go out and strings come back") {
  process_pool<std::string(std::string, int)> pool(
      [](const std::string& text, int times) {
        std::string all;
        for (int i = 0; i < times; ++i) all += text;
        return all;
      },
      {.workers = 1});
  CHECK(*pool.apply("ab", 3) == "ababab");
  CHECK(*pool.apply("", 3) == "");
}

TEST_CASE("an exception is the call's error and harms no other call") {
  process_pool<int(int)> pool(
      [](int n) {
        if (n == 2) throw std::runtime_error("no two");
        return n;
      },
      {.workers = 2});
  std::size_t good = 0;
  std::string why;
  const std::vector<int> arguments = {1, 2, 3};
  const auto ran = pool.imap_unordered(arguments, [&](std::size_t index, Result<int> result) {
    if (result) {
      ++good;
      CHECK(*result == arguments[index]);
    } else {
      CHECK(index == 1);
      why = result.error().message();
    }
  });
  CHECK(ran.has_value());
  CHECK(good == 2);
  CHECK_THAT(why, Catch::Contains("runtime_error") && Catch::Contains("no two"));
}

TEST_CASE("a call that kills its workers is given up, the others are made") {
  process_pool<int(int)> pool(
      [](int n) {
        if (n == 5) ::raise(SIGKILL);
        return n;
      },
      {.workers = 2, .crash_limit = 3});
  std::vector<int> arguments(20);
  std::iota(arguments.begin(), arguments.end(), 0);
  std::set<std::size_t> failed;
  std::size_t outcomes = 0;
  const auto ran = pool.imap_unordered(arguments, [&](std::size_t index, Result<int> result) {
    ++outcomes;
    if (!result) failed.insert(index);
  });
  CHECK(ran.has_value());
  CHECK(outcomes == 20);
  CHECK(failed == std::set<std::size_t>{5});
}

TEST_CASE("workers that are killed now and then cost no call, and double no result") {
  process_pool<int(int)> pool(
      [](int n) {
        // Once in a while, but not always at the same call.
        if ((n + ::getpid()) % 97 == 0) ::raise(SIGKILL);
        return n + 1;
      },
      {.workers = 3, .crash_limit = 50});
  std::vector<int> arguments(3000);
  std::iota(arguments.begin(), arguments.end(), 0);
  std::vector<int> seen(arguments.size());
  const auto ran = pool.imap_unordered(arguments, [&](std::size_t index, Result<int> result) {
    CHECK(result.has_value());
    ++seen[index];
  });
  CHECK(ran.has_value());
  CHECK(seen == std::vector<int>(arguments.size(), 1));
}

}  // namespace
