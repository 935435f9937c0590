// Functions called in worker processes: results, exceptions and deaths come back.
#include "mtask/process_pool.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <new>
#include <numeric>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using mtask::ErrorKind;
using mtask::process_pool;
using mtask::Result;

// A number that all processes forked from here on see.
class SharedCount {
 public:
  SharedCount() {
    void* const page =
        ::mmap(nullptr, sizeof(std::atomic<int>), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(page != MAP_FAILED);
    count_ = new (page) std::atomic<int>(0);
  }
  ~SharedCount() { ::munmap(count_, sizeof(std::atomic<int>)); }
  SharedCount(const SharedCount&) = delete;
  SharedCount& operator=(const SharedCount&) = delete;
  [[nodiscard]] std::atomic<int>& get() const { return *count_; }

 private:
  std::atomic<int>* count_;
};

std::vector<int> numbers(int count) {
  std::vector<int> all(static_cast<std::size_t>(count));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

int but_not_two(int n) {
  if (n == 2) throw std::runtime_error("no two");
  return n;
}

TEST_CASE("map gives the results in the arguments' order, made by several processes") {
  const SharedCount met;
  // The first call in each process waits until there are three of them.
  const auto squared = [&met = met.get(), first = true](int n) mutable {
    if (std::exchange(first, false)) {
      ++met;
      for (int tries = 0; met < 3 && tries < 2000; ++tries) ::poll(nullptr, 0, 5);
    }
    return std::pair(n * n, ::getpid());
  };
  process_pool<std::pair<int, pid_t>(int)> pool(squared, {.workers = 3});
  const std::vector<int> arguments = numbers(1000);
  const auto results = pool.map(arguments);
  REQUIRE(results.has_value());
  std::set<pid_t> pids;
  for (int n = 0; n < 1000; ++n) {
    CHECK((*results)[static_cast<std::size_t>(n)].first == n * n);
    pids.insert((*results)[static_cast<std::size_t>(n)].second);
  }
  CHECK(pids.size() == 3);
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
  process_pool<int(int)> pool(but_not_two, {.workers = 2});
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
  const SharedCount attempts;
  process_pool<int(int)> pool(
      [&attempts = attempts.get()](int n) {
        if (n == 5) {
          ++attempts;
          ::raise(SIGKILL);
        }
        return n;
      },
      {.workers = 2, .crash_limit = 3});
  std::set<std::size_t> failed;
  std::size_t outcomes = 0;
  const auto ran = pool.imap_unordered(numbers(20), [&](std::size_t index, Result<int> result) {
    ++outcomes;
    if (result) return;
    failed.insert(index);
    CHECK(result.error().kind == ErrorKind::kItem);
  });
  CHECK(ran.has_value());
  CHECK(outcomes == 20);
  CHECK(failed == std::set<std::size_t>{5});
  CHECK(attempts.get() == 3);
  CHECK(pool.worker_deaths() == 3);
}

TEST_CASE("workers that are killed now and then cost no call, and double no result") {
  const SharedCount begun;
  process_pool<int(int)> pool(
      [&begun = begun.get()](int n) {
        if (++begun % 97 == 0) ::raise(SIGKILL);
        return n + 1;
      },
      {.workers = 3, .crash_limit = 50});
  const std::vector<int> arguments = numbers(3000);
  std::vector<int> seen(arguments.size());
  const auto ran = pool.imap_unordered(arguments, [&](std::size_t index, Result<int> result) {
    REQUIRE(result.has_value());
    CHECK(*result == static_cast<int>(index) + 1);
    ++seen[index];
  });
  CHECK(ran.has_value());
  CHECK(seen == std::vector<int>(arguments.size(), 1));
  CHECK(pool.worker_deaths() >= 3000 / 97);
  CHECK(static_cast<int>(pool.worker_deaths()) == begun.get() / 97);
}

TEST_CASE("map tells the first failure with its argument's number, and begins no more") {
  const SharedCount begun;
  process_pool<int(int)> pool([&begun = begun.get()](int n) { return ++begun, but_not_two(n); },
                              {.workers = 1, .in_flight = 4});
  const auto results = pool.map(numbers(10'000));
  REQUIRE_FALSE(results.has_value());
  CHECK(results.error().kind == ErrorKind::kItem);
  CHECK_THAT(results.error().message(), Catch::StartsWith("argument 2: ") && Catch::Contains("no two"));
  CHECK(begun.get() < 10'000);
  CHECK(*pool.apply(1) == 1);
}

TEST_CASE("what a callback throws comes out and ends the rest, and the pool goes on") {
  process_pool<int(int)> pool(but_not_two, {.workers = 2, .in_flight = 4});
  std::size_t heard = 0;
  const auto hear = [&](std::size_t, const Result<int>&) {
    if (++heard == 3) throw std::logic_error("enough");
  };
  CHECK_THROWS_WITH(static_cast<void>(pool.imap_unordered(numbers(10'000), hear)), "enough");
  CHECK(heard == 3);
  CHECK(*pool.map(std::vector<int>{7, 8}) == std::vector<int>{7, 8});
}

TEST_CASE("a callback that has enough ends the rest") {
  process_pool<int(int)> pool(but_not_two, {.workers = 2});
  std::size_t heard = 0;
  CHECK(pool.imap_unordered(numbers(10'000), [&](std::size_t, const Result<int>&) { return ++heard < 3; }).has_value());
  CHECK(heard == 3);
}

TEST_CASE("results and arguments of more than max_item_bytes are errors of their calls") {
  process_pool<std::string(std::string, int)> pool(
      [](const std::string& text, int times) { return times == 0 ? "" : text + std::string(std::size_t(times), 'x'); },
      {.workers = 1, .max_item_bytes = 1000});
  CHECK(pool.apply("a", 900)->size() == 901);
  for (const auto& [size, times] : {std::pair(1, 1001), std::pair(1001, 0)}) {
    const auto large = pool.apply(std::string(static_cast<std::size_t>(size), 'a'), times);
    REQUIRE_FALSE(large.has_value());
    CHECK(large.error().kind == ErrorKind::kItem);
    CHECK_THAT(large.error().message(), Catch::Contains("1000"));
  }
  CHECK(*pool.apply("b", 1) == "bx");
  CHECK(pool.worker_deaths() == 0);
}

TEST_CASE("calls without a result tell whether they were made") {
  const SharedCount sum;
  process_pool<void(int)> pool([&sum = sum.get()](int n) { sum += but_not_two(n); }, {.workers = 2});
  CHECK(pool.apply(40).has_value());
  CHECK_FALSE(pool.apply(2).has_value());
  CHECK(pool.map(std::vector<int>{1, 1}).has_value());
  CHECK_FALSE(pool.map(std::vector<int>{2}).has_value());
  CHECK(sum.get() == 42);
}

TEST_CASE("a pool that is finished has no workers, and calls of it fail") {
  process_pool<int(int)> pool(but_not_two, {.workers = 2});
  CHECK(*pool.apply(1) == 1);
  CHECK(pool.workers() == 2);
  CHECK(pool.finish().has_value());
  CHECK(pool.workers() == 0);
  CHECK(pool.apply(1).error().kind == ErrorKind::kUsage);
  CHECK(pool.map(numbers(3)).error().kind == ErrorKind::kUsage);
  CHECK(pool.finish().error().kind == ErrorKind::kUsage);
}

}  // namespace
