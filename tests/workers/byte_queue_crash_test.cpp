// What mtask::shared_queue promises while its users are killed.

#include <poll.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <vector>

#include "mtask/shared_queue.hpp"
#include "os/child.hpp"
#include "os/shared_region.hpp"
#include "support/crash_points.hpp"
#include "support/environment.hpp"
#include "workers/byte_queue.hpp"
#include "workers/worker_group.hpp"

using namespace mtask;
using workers::ByteQueue;
using workers::WorkerGroup;

namespace {

std::vector<std::byte> bytes_of(std::uint32_t number) {
  std::vector<std::byte> bytes;
  encoder(bytes).value(number);
  return bytes;
}

void push(ByteQueue& queue, std::uint32_t number) { REQUIRE(queue.push(bytes_of(number), false).value()); }

// All that is left, in order; the queue is closed then.
std::vector<std::uint32_t> drain(ByteQueue& queue) {
  queue.close();
  std::vector<std::uint32_t> numbers;
  std::vector<std::byte> item;
  while (queue.pop(item).value()) numbers.push_back(decoder(item).value<std::uint32_t>());
  return numbers;
}

constexpr std::uint32_t kCapacity = 6;

// 3, 4, 5 are in it, in slots of another order.
std::unique_ptr<ByteQueue> filled() {
  auto queue = std::make_unique<ByteQueue>(kCapacity, sizeof(std::uint32_t));
  std::vector<std::byte> item;
  for (const std::uint32_t number : {1U, 2U, 3U}) push(*queue, number);
  for (int i = 0; i < 2; ++i) static_cast<void>(queue->pop(item).value());
  for (const std::uint32_t number : {4U, 5U}) push(*queue, number);
  return queue;
}

using Numbers = std::vector<std::uint32_t>;

const Numbers kReturned{4, 5, 3};  // taken first, and found after the others to be a dead process's

struct Operation {
  const char* name;
  std::function<void(ByteQueue&)> call;
  std::vector<Numbers> outcomes;  // one of these is left
};

const std::vector<Operation>& operations() {
  static std::vector<std::byte> item;
  static const std::vector<Operation> all{
      {"push", [](ByteQueue& q) { static_cast<void>(q.push(bytes_of(6), false)); }, {{3, 4, 5}, {3, 4, 5, 6}}},
      {"pop", [](ByteQueue& q) { static_cast<void>(q.pop(item)); }, {{3, 4, 5}, {4, 5}}},
      {"lease", [](ByteQueue& q) { static_cast<void>(q.lease(item)); }, {{3, 4, 5}, kReturned}},
      {"lease and done", [](ByteQueue& q) { q.done(*q.lease(item).value()).value(); }, {{3, 4, 5}, kReturned, {4, 5}}},
      {"lease and drop", [](ByteQueue& q) { q.give_back(*q.lease(item).value()); }, {{3, 4, 5}, kReturned}},
  };
  return all;
}

}  // namespace

TEST_CASE("a process killed anywhere inside an operation leaves each item whole, once and in order") {
  for (const Operation& operation : operations()) {
    INFO(operation.name);
    std::unique_ptr<ByteQueue> queue;
    test::CrashTest crash;
    crash.prepare = [&] { queue = filled(); };
    crash.step = [&] {
      test::begin_crash_zone();
      operation.call(*queue);
    };
    crash.watched = [&] { return std::vector{queue->memory()}; };
    crash.examine = [&] {
      std::uint32_t room = 0;
      while (queue->push(bytes_of(100 + room), false).value()) ++room;
      Numbers left = drain(*queue);
      CHECK(left.size() == kCapacity);
      std::erase_if(left, [](std::uint32_t number) { return number >= 100; });
      CAPTURE(left);
      CHECK(std::find(operation.outcomes.begin(), operation.outcomes.end(), left) != operation.outcomes.end());
    };
    if (test::crash_everywhere(crash) == 0) MTASK_SKIP("processes can't be traced here");
  }
}

TEST_CASE("a killed holder's item comes to another process, reaped or not") {
  shared_queue<int> queue(4);
  queue.push(1).value();
  queue.push(2).value();
  queue.close();
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  auto holder = os::Child::fork([&] {
    const auto item = queue.lease().value();
    if (::write(ready[1], "!", 1) != 1) return 1;
    for (;;) ::pause();
  });
  REQUIRE(holder);
  char byte = 0;
  REQUIRE(::read(ready[0], &byte, 1) == 1);
  for (const int fd : ready) ::close(fd);
  CHECK(queue.pop().value() == 2);
  holder->kill(SIGKILL);
  // It is a zombie as long as this test doesn't reap it.
  auto item = queue.lease().value();
  REQUIRE(item);
  CHECK(**item == 1);
  CHECK(item->tries() == 2);
  CHECK(item->done());
  CHECK_FALSE(queue.pop().value());
}

TEST_CASE("an item is not lost by any number of deaths, and numbers of the dead are used again") {
  shared_queue<int> queue(1);
  queue.push(7).value();
  const unsigned deaths = workers::Holders::kMost + 10;
  for (unsigned i = 0; i < deaths; ++i) {
    auto holder = os::Child::fork([&] {
      const auto item = queue.lease().value();
      ::kill(::getpid(), SIGKILL);
      return 0;
    });
    REQUIRE(holder);
    REQUIRE(holder->reap() == SIGKILL);
  }
  auto item = queue.lease().value();
  REQUIRE(item);
  CHECK(**item == 7);
  CHECK(item->tries() == deaths + 1);
}

// --- killed at random, many times

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint32_t kItems = 40'000;
#else
constexpr std::uint32_t kItems = 1'000'000;
#endif
constexpr std::uint32_t kProducers = 2;
constexpr std::uint32_t kConsumers = 2;

struct Factory {
  struct Counters {
    std::atomic<std::uint32_t> pushed[kProducers];
    std::atomic<std::uint32_t> done;
    std::atomic<std::uint8_t> effects[kItems];
  };
  os::SharedRegion region = os::SharedRegion::map(os::SharedRegion::room<Counters>(1)).value();
  Counters& counters = *region.carve<Counters>(1);
  shared_queue<std::uint32_t> queue{256};

  int work(std::uint32_t worker) { return worker < kProducers ? produce(worker) : consume(); }

  // Goes on where a killed one stopped; its last item may be pushed twice.
  int produce(std::uint32_t number) {
    std::atomic<std::uint32_t>& pushed = counters.pushed[number];
    while (pushed < kItems / kProducers) {
      queue.push(number * (kItems / kProducers) + pushed).value();
      ++pushed;
    }
    return 0;
  }

  int consume() {
    while (auto item = queue.lease().value()) {
      ++counters.effects[**item];
      ++counters.done;
      item->done().value();
    }
    return 0;
  }
};

}  // namespace

TEST_CASE("producers and consumers killed at random lose nothing, and double no more than they died") {
  std::mt19937 random(1);
  Factory factory;
  auto group = WorkerGroup::create([&](std::uint32_t worker) { return factory.work(worker); }).value();
  for (std::uint32_t worker = 0; worker < kProducers + kConsumers; ++worker) group.start(worker).value();
  std::uint32_t producing = kProducers;
  unsigned deaths = 0;
  std::uint32_t next_kill = 100;
  while (group.running() > 0) {
    const auto exits = group.wait(std::chrono::milliseconds(1)).value();
    for (const auto& exit : exits) {
      if (!exit.clean()) {
        ++deaths;
        group.start(exit.worker).value();
      } else if (exit.worker < kProducers && --producing == 0) {
        factory.queue.close();
      }
    }
    if (factory.counters.done < next_kill) continue;
    const pid_t victim = group.pid(static_cast<std::uint32_t>(random() % (kProducers + kConsumers)));
    if (victim > 0) ::kill(victim, SIGKILL);
    next_kill = factory.counters.done + 1 + static_cast<std::uint32_t>(random() % (kItems / 100));
  }
  unsigned lost = 0;
  unsigned doubled = 0;
  for (const auto& effects : factory.counters.effects) {
    lost += effects == 0 ? 1U : 0U;
    doubled += effects > 1 ? effects - 1U : 0U;
  }
  CHECK(lost == 0);
  CHECK(doubled <= deaths);
  CHECK(deaths > 10);
}
