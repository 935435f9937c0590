// What mtask::process_pool promises while its workers live.

#include "mtask/process_pool.hpp"

#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <cstdio>
#include <numeric>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "os/child.hpp"
#include "support/environment.hpp"
#include "support/processes.hpp"
#include "workers/counting.hpp"

using namespace mtask;

namespace {

int square(int number) { return number * number; }

struct Own {
  std::string text;
};

class Strange {};

}  // namespace

TEST_CASE("a call's result comes back, with its arguments converted as for any function") {
  process_pool pool(square, {.workers = 2});
  CHECK(pool.workers() == 2);
  CHECK(pool.apply(7).value() == 49);

  process_pool<std::string(const std::string&, int, std::vector<double>)> typed(
      [](const std::string& name, int age, const std::vector<double>& marks) {
        return name + ' ' + std::to_string(age) + ' ' + std::to_string(marks.size());
      },
      {.workers = 1});
  CHECK(typed.apply("Ada", 36, {1.5, 2}).value() == "Ada 36 2");

  process_pool<int()> none([] { return 5; }, {.workers = 1});
  CHECK(none.apply().value() == 5);
}

TEST_CASE("a call without a result succeeds or fails") {
  process_pool<void(int)> pool(
      [](int number) {
        if (number < 0) throw std::domain_error("negative");
      },
      {.workers = 2});
  CHECK(pool.apply(1));
  CHECK_THAT(pool.apply(-1).error().message(), Catch::Contains("negative"));
  CHECK(pool.map(std::vector{1, 2, 3}));
  CHECK_FALSE(pool.map(std::vector{1, -2, 3}));
}

TEST_CASE("map() keeps the order of its arguments") {
  process_pool pool(square, {.workers = 3, .in_flight = 7});
  std::vector<int> numbers(1000);
  std::iota(numbers.begin(), numbers.end(), 0);
  std::vector<int> squares;
  squares.reserve(numbers.size());
  for (const int number : numbers) squares.push_back(number * number);
  CHECK(pool.map(numbers).value() == squares);
  CHECK(pool.map(std::vector(numbers.begin() + 998, numbers.end())).value() == std::vector{998 * 998, 999 * 999});
  CHECK(pool.map(std::vector<int>()).value().empty());
}

TEST_CASE("map() carries tuples to functions of several parameters") {
  process_pool<std::string(std::string, int)> pool(
      [](const std::string& text, int n) { return text + std::to_string(n); }, {.workers = 2});
  const std::vector<std::tuple<std::string, int>> arguments{{"a", 1}, {"b", 2}};
  CHECK(pool.map(arguments).value() == std::vector<std::string>{"a1", "b2"});
}

TEST_CASE("map() tells the first failure and which argument had it, and the pool goes on") {
  process_pool<int(int)> pool(
      [](int number) {
        if (number == 500) throw std::out_of_range("five hundred");
        return number;
      },
      {.workers = 2, .in_flight = 16});
  const auto failed = pool.map(test::Counting(0, 100'000));
  REQUIRE_FALSE(failed);
  CHECK(failed.error().kind == ErrorKind::kItem);
  CHECK(failed.error().message() == "argument 500: std::out_of_range: five hundred");
  CHECK(pool.map(test::Counting(0, 100)).value().size() == 100);
}

TEST_CASE("imap_unordered() takes arguments only as there is room for them") {
  process_pool pool(square, {.workers = 2, .in_flight = 10});
  int taken = 0;
  int heard = 0;
  int most = 0;
  std::set<std::size_t> indices;
  const auto ran = pool.imap_unordered(test::Counting(0, 5000, &taken), [&](std::size_t index, Result<int> result) {
    most = std::max(most, taken - heard++);
    indices.insert(index);
    CHECK(result.value() == static_cast<int>(index * index));
  });
  CHECK(ran);
  CHECK(heard == 5000);
  CHECK(indices.size() == 5000);
  CHECK(most <= 11);  // one waits for a slot
}

TEST_CASE("imap_unordered() ends early when its callback says so, or throws, and nothing of it comes later") {
  process_pool pool(square, {.workers = 3, .in_flight = 50});
  int heard = 0;
  CHECK(pool.imap_unordered(test::Counting(0, 1'000'000'000),
                            [&](std::size_t, const Result<int>&) { return ++heard < 100; }));
  CHECK(heard == 100);
  CHECK(pool.map(std::vector{2, 3}).value() == std::vector{4, 9});
  const auto thrower = [](std::size_t index, const Result<int>&) {
    if (index == 20) throw std::runtime_error("enough");
  };
  CHECK_THROWS_WITH(static_cast<void>(pool.imap_unordered(test::Counting(0, 1'000'000'000), thrower)), "enough");
  CHECK(pool.map(std::vector{2, 3}).value() == std::vector{4, 9});
}

TEST_CASE("an exception comes back with its type and what it says") {
  process_pool<int(int)> pool(
      [](int kind) -> int {
        if (kind == 1) throw std::invalid_argument("no such kind");
        if (kind == 2) throw Strange();
        if (kind == 3) throw 3;
        throw std::runtime_error(std::string(1'000'000, 'x'));
      },
      {.workers = 1});
  const auto message = [&](int kind) { return pool.apply(kind).error().message(); };
  CHECK(message(1) == "std::invalid_argument: no such kind");
  CHECK_THAT(message(2), Catch::Contains("Strange was thrown"));
  CHECK(message(3) == "int was thrown");
  CHECK_THAT(message(4), Catch::StartsWith("std::runtime_error: xxx"));
  CHECK(pool.worker_deaths() == 0);
}

TEST_CASE("what is too large is an error of that call alone") {
  process_pool<std::string(std::string, std::size_t)> pool(
      [](const std::string&, std::size_t size) { return std::string(size, 'r'); },
      {.workers = 1, .max_item_bytes = 10'000});
  const auto result = pool.apply("", 20'000);
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == ErrorKind::kItem);
  CHECK_THAT(result.error().message(), Catch::Contains("result") && Catch::Contains("20008"));
  const auto argument = pool.apply(std::string(20'000, 'a'), 1);
  REQUIRE_FALSE(argument);
  CHECK(argument.error().kind == ErrorKind::kItem);
  CHECK_THAT(argument.error().message(), Catch::Contains("argument") && Catch::Contains("20016"));
  CHECK(pool.apply("", 10'000 - 8).value().size() == 10'000 - 8);
}

TEST_CASE("calls are made at the same time, one in each worker") {
  // Each call waits until all three are there: with fewer at a time, none would end.
  int arrived[2];
  int leave[2];
  REQUIRE(::pipe(arrived) == 0);
  REQUIRE(::pipe(leave) == 0);
  process_pool<int(int)> pool(
      [&](int) {
        char byte = 0;
        if (::write(arrived[1], "!", 1) != 1 || ::read(leave[0], &byte, 1) != 1) return 0;
        return static_cast<int>(::getpid());
      },
      {.workers = 3});
  os::Child doorman = os::Child::fork([&] {
                        char bytes[3];
                        for (char& byte : bytes) {
                          if (::read(arrived[0], &byte, 1) != 1) return 1;
                        }
                        return ::write(leave[1], bytes, 3) == 3 ? 0 : 1;
                      }).value();
  const auto pids = pool.map(std::vector{1, 2, 3}).value();
  CHECK(std::set(pids.begin(), pids.end()).size() == 3);
  CHECK(doorman.reap() == 0);
  for (const int fd : {arrived[0], arrived[1], leave[0], leave[1]}) ::close(fd);
}

TEST_CASE("what is printed appears once, when its call is done") {
  FILE* file = std::tmpfile();
  REQUIRE(file != nullptr);
  std::fputs("before\n", file);
  process_pool<int(int)> pool([&](int number) { return std::fprintf(file, "call %d\n", number); }, {.workers = 3});
  CHECK(pool.map(std::vector{1, 2, 3, 4}));
  char text[200] = {};
  CHECK(::pread(::fileno(file), text, sizeof(text) - 1, 0) > 0);
  std::fclose(file);
  CHECK(std::string(text).size() == 7 + 4 * 7);
}

TEST_CASE("workers see what was before the fork, and change it for themselves") {
  static int global = 1;
  global = 10;
  process_pool<int(int)> pool([](int more) { return global += more; }, {.workers = 1});
  global = 100;
  CHECK(pool.apply(1).value() == 11);
  CHECK(pool.apply(1).value() == 12);
  CHECK(global == 100);
}

TEST_CASE("a pool that is finished, or belongs to another process, or is in use, refuses calls") {
  process_pool pool(square, {.workers = 2});
  CHECK(pool.imap_unordered(std::vector{1}, [&](std::size_t, const Result<int>&) {
    CHECK(pool.apply(2).error().kind == ErrorKind::kUsage);
    CHECK(pool.finish().error().kind == ErrorKind::kUsage);
  }));
  auto child = os::Child::fork([&] {
    const bool refused = !pool.apply(2) && !pool.finish();
    const process_pool gone = std::move(pool);  // its end must not be that of the workers
    return refused ? 0 : 1;
  });
  CHECK(child.value().reap() == 0);
  CHECK(pool.apply(3).value() == 9);
  CHECK(pool.workers() == 2);
  CHECK(pool.finish());
  CHECK(pool.workers() == 0);
  CHECK(pool.apply(2).error().kind == ErrorKind::kUsage);
  CHECK(pool.finish().error().kind == ErrorKind::kUsage);
  CHECK(pool.worker_deaths() == 0);
}

TEST_CASE("a pool leaves no process behind, be it idle or at work") {
  {
    process_pool pool(square, {.workers = 3});
    CHECK(pool.apply(1));
  }
  CHECK(test::descendants(::getpid()).empty());
  {
    process_pool<int(int)> pool(
        [](int stay) -> int {
          if (stay != 0) {
            for (;;) ::pause();
          }
          return 0;
        },
        {.workers = 3});
    const auto args = std::vector{0, 1, 1};
    CHECK(pool.imap_unordered(args, [](std::size_t, const Result<int>&) { return false; }));
  }
  CHECK(test::descendants(::getpid()).empty());
  {
    process_pool pool(square, {.workers = 3});
    CHECK(pool.finish());
    CHECK(test::descendants(::getpid()).empty());
  }
}

TEST_CASE("a storm of signals disturbs no call") {
  struct sigaction action {};
  struct sigaction before {};
  action.sa_handler = [](int) {};  // without SA_RESTART
  ::sigaction(SIGALRM, &action, &before);
  const itimerval often{{0, 200}, {0, 200}};
  process_pool<int(int)> pool(
      [often](int number) {
        ::setitimer(ITIMER_REAL, &often, nullptr);
        return number + 1;
      },
      {.workers = 2});
  ::setitimer(ITIMER_REAL, &often, nullptr);
  const auto results = pool.map(test::Counting(0, 20'000));
  const itimerval never{};
  ::setitimer(ITIMER_REAL, &never, nullptr);
  ::sigaction(SIGALRM, &before, nullptr);
  REQUIRE(results);
  long sum = 0;
  for (const int result : *results) sum += result;
  CHECK(sum == 20'000L * 20'001 / 2);
  CHECK(pool.worker_deaths() == 0);
}
