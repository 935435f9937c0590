#include "os/futex.hpp"

#include <sched.h>

#include <catch2/catch.hpp>
#include <chrono>

#include "os/child.hpp"
#include "os/shared_region.hpp"

using namespace mtask;

TEST_CASE("nobody sleeps on a word that has changed already, nor longer than asked for") {
  std::atomic<std::uint32_t> word{1};
  os::futex_wait(word, 0, std::chrono::hours(1));
  os::futex_wait(word, 1, std::chrono::nanoseconds(1));
  SUCCEED("it came back");
}

TEST_CASE("a wake reaches sleepers in other processes") {
  auto region = os::SharedRegion::map(4096);
  REQUIRE(region);
  auto* word = region->carve<std::atomic<std::uint32_t>>(1);
  auto* asleep = region->carve<std::atomic<std::uint32_t>>(1);
  auto child = os::Child::fork([&] {
    asleep->store(1);
    while (word->load() == 0) os::futex_wait(*word, 0, std::chrono::hours(1));
    return 0;
  });
  REQUIRE(child);
  while (asleep->load() == 0) ::sched_yield();
  word->store(1);
  os::futex_wake(*word, 1);
  CHECK(child->reap() == 0);
}
