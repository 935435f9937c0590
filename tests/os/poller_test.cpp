#include "os/poller.hpp"

#include <sys/eventfd.h>
#include <sys/time.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdint>
#include <set>
#include <vector>

using namespace mtask;
using os::Poller;

namespace {

constexpr std::chrono::milliseconds kNow{0};
constexpr std::chrono::milliseconds kForever{-1};

UniqueFd event(unsigned count) { return UniqueFd(::eventfd(count, EFD_CLOEXEC)); }

std::set<std::uint64_t> keys(Poller& poller, std::chrono::milliseconds timeout) {
  const auto ready = poller.wait(timeout).value();
  return {ready.begin(), ready.end()};
}

}  // namespace

TEST_CASE("the keys of ready fds come back, as long as they are ready") {
  auto poller = Poller::create();
  REQUIRE(poller);
  const UniqueFd idle = event(0);
  const UniqueFd ready = event(1);
  const UniqueFd too = event(1);
  REQUIRE(poller->watch(idle.get(), 1));
  REQUIRE(poller->watch(ready.get(), UINT64_MAX));
  REQUIRE(poller->watch(too.get(), 3));
  CHECK(keys(*poller, kForever) == std::set<std::uint64_t>{3, UINT64_MAX});
  CHECK(keys(*poller, kForever) == std::set<std::uint64_t>{3, UINT64_MAX});
  std::uint64_t count = 0;
  REQUIRE(::read(ready.get(), &count, sizeof(count)) == sizeof(count));
  CHECK(keys(*poller, kForever) == std::set<std::uint64_t>{3});
  poller->unwatch(too.get());
  CHECK(keys(*poller, kNow).empty());
}

TEST_CASE("many ready fds are all seen, over several waits if need be") {
  auto poller = Poller::create();
  REQUIRE(poller);
  constexpr std::uint64_t kMany = 150;
  std::vector<UniqueFd> events;
  for (std::uint64_t key = 0; key < kMany; ++key) {
    events.push_back(event(1));
    REQUIRE(poller->watch(events.back().get(), key));
  }
  std::set<std::uint64_t> seen;
  while (seen.size() < kMany) {
    const auto some = poller->wait(kNow).value();
    REQUIRE_FALSE(some.empty());
    for (const std::uint64_t key : some) {
      CHECK(seen.insert(key).second);
      poller->unwatch(events[key].get());
    }
  }
  CHECK(keys(*poller, kNow).empty());
}

TEST_CASE("a signal ends a wait without keys") {
  auto poller = Poller::create();
  REQUIRE(poller);
  struct sigaction action {};
  struct sigaction before {};
  action.sa_handler = [](int) {};
  ::sigaction(SIGALRM, &action, &before);
  const itimerval soon{{0, 1000}, {0, 1000}};
  ::setitimer(ITIMER_REAL, &soon, nullptr);
  CHECK(keys(*poller, kForever).empty());
  const itimerval never{};
  ::setitimer(ITIMER_REAL, &never, nullptr);
  ::sigaction(SIGALRM, &before, nullptr);
}

TEST_CASE("what can't be watched is an error") {
  auto poller = Poller::create();
  REQUIRE(poller);
  const auto watched = poller->watch(-1, 1);
  REQUIRE_FALSE(watched);
  CHECK(watched.error().code == std::errc::bad_file_descriptor);
}
