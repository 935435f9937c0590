#include "workers/event_ring.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdint>
#include <memory>
#include <string>

#include "base/unique_fd.hpp"
#include "os/child.hpp"
#include "support/crash_points.hpp"
#include "support/environment.hpp"

using namespace mtask;
using workers::EventRing;

namespace {

struct Ring {
  os::SharedRegion region = os::SharedRegion::map(EventRing::room() + 4096).value();
  std::byte* begin = region.carve<std::byte>(1);
  UniqueFd wake{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  EventRing ring{region, wake.get()};

  [[nodiscard]] bool woken() {
    std::uint64_t count = 0;
    return ::read(wake.get(), &count, sizeof(count)) == sizeof(count);
  }
};

// A record that tells whether it is whole: its number, then as many bytes as that asks for, all alike.
std::string record(std::uint32_t number) {
  return std::to_string(number) + ':' + std::string(number * 37 % 700, static_cast<char>('a' + number % 26));
}

std::uint32_t number_of(const std::string& text) {
  const auto number = static_cast<std::uint32_t>(std::stoul(text));
  return text == record(number) ? number : UINT32_MAX;
}

}  // namespace

TEST_CASE("records come out in order, whole, whatever their bytes") {
  Ring shared;
  std::string text;
  CHECK_FALSE(shared.ring.read(text));
  const std::string odd("\0\n\xff", 3);
  shared.ring.write("one", false);
  shared.ring.write("", false);
  shared.ring.write(odd, false);
  CHECK((shared.ring.read(text) && text == "one"));
  CHECK((shared.ring.read(text) && text.empty()));
  CHECK((shared.ring.read(text) && text == odd));
  CHECK_FALSE(shared.ring.read(text));
}

TEST_CASE("records stay whole where the ring's end cuts them") {
  Ring shared;
  std::string text;
  std::uint32_t wrong = 0;
  for (std::uint32_t number = 0; number < 2000; ++number) {
    shared.ring.write(record(number), false);
    if (!shared.ring.read(text) || number_of(text) != number) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("a record that is too long is cut to a quarter of the ring") {
  Ring shared;
  std::string text;
  shared.ring.write(std::string(EventRing::kCapacity, 'x'), false);
  REQUIRE(shared.ring.read(text));
  CHECK(text == std::string(EventRing::kCapacity / 4, 'x'));
}

TEST_CASE("the reader is woken at once for what is urgent, else when the ring is half full") {
  Ring shared;
  shared.ring.write("calm", false);
  CHECK_FALSE(shared.woken());
  shared.ring.write("urgent", true);
  CHECK(shared.woken());
  const std::string kilobyte(1024, 'k');
  std::size_t written = 0;
  while (!shared.woken()) {
    REQUIRE(written < EventRing::kCapacity);
    shared.ring.write(kilobyte, false);
    written += kilobyte.size();
  }
  CHECK(written > EventRing::kCapacity / 3);
}

TEST_CASE("a writer that finds the ring full wakes the reader and waits; nothing is dropped") {
  constexpr std::uint32_t kRecords = 5000;  // some 25 rings full
  Ring shared;
  auto child = os::Child::fork([&] {
    for (std::uint32_t number = 0; number < kRecords; ++number) shared.ring.write(record(number), false);
    return 0;
  });
  REQUIRE(child);
  std::uint32_t expected = 0;
  std::uint32_t wrong = 0;
  std::string text;
  pollfd entries[] = {{shared.wake.get(), POLLIN, 0}, {child->pidfd(), POLLIN, 0}};
  bool ended = false;
  while (!ended) {
    // Reads on a wake only: were the full ring not told, neither would go on.
    REQUIRE(::poll(entries, 2, 120'000) > 0);
    ended = (entries[1].revents & POLLIN) != 0;
    static_cast<void>(shared.woken());
    while (shared.ring.read(text)) wrong += number_of(text) == expected++ ? 0U : 1U;
  }
  CHECK(child->reap() == 0);
  CHECK(expected == kRecords);
  CHECK(wrong == 0);
}

TEST_CASE("records of writers killed at random are whole, in order, and their successors go on") {
  Ring shared;
  std::string text;
  std::uint32_t seen = 0;
  std::uint32_t wrong = 0;
  for (std::uint32_t round = 0; round < 60; ++round) {
    const std::uint32_t first = round * 1'000'000;
    auto child = os::Child::fork([&] {
      for (std::uint32_t number = first;; ++number) shared.ring.write(record(number), false);
      return 0;
    });
    REQUIRE(child);
    std::uint32_t expected = first;
    const auto read_all = [&] {
      while (shared.ring.read(text)) {
        wrong += number_of(text) == expected++ ? 0U : 1U;
        if (++seen % (50 + round * 7) == 0) child->kill(SIGKILL);
      }
    };
    pollfd ended{child->pidfd(), POLLIN, 0};
    while (::poll(&ended, 1, 0) == 0) read_all();
    CHECK(child->reap() == SIGKILL);
    read_all();
  }
  CHECK(seen > 0);
  CHECK(wrong == 0);
}

TEST_CASE("a record is seen whole or not at all, wherever its writer is killed") {
  std::unique_ptr<Ring> shared;
  test::CrashTest crash;
  crash.prepare = [&] {
    shared = std::make_unique<Ring>();
    shared->ring.write("first", false);
  };
  crash.step = [&] {
    test::begin_crash_zone();
    shared->ring.write("second", true);
  };
  // The ring's counters and the bytes that the two records take.
  crash.watched = [&] { return std::vector{std::span<const std::byte>(shared->begin, 512)}; };
  crash.examine = [&] {
    std::string text;
    CHECK((shared->ring.read(text) && text == "first"));
    if (shared->ring.read(text)) CHECK(text == "second");
    shared->ring.write("third", false);
    CHECK((shared->ring.read(text) && text == "third"));
    CHECK_FALSE(shared->ring.read(text));
  };
  if (test::crash_everywhere(crash) == 0) MTASK_SKIP("processes can't be traced here");
}
