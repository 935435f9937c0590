// What a queue does while its users are killed: nothing is lost, whatever a process was doing.

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "os/child.hpp"
#include "support/crash_points.hpp"
#include "support/environment.hpp"
#include "workers/queue_support.hpp"
#include "workers/shared_queue.hpp"
#include "workers/worker_group.hpp"

using namespace mtask;
using namespace mtask::workers;

namespace {

// --- killed inside one operation
// ---------------------------------------------------------------------------------------

using Small = SharedQueue<std::uint32_t, 2>;
constexpr std::uint32_t kSmallCapacity = 7;

// Items 1, 2 ready in lane 0, 3 in lane 1; worker 0 holds 4; one slot was used and freed.
struct SmallQueue {
  SmallQueue()
      : region(os::SharedRegion::map(Small::room(kSmallCapacity) + 4096).value()),
        begin(region.carve<std::byte>(1)),
        queue(region, kSmallCapacity),
        end(region.carve<std::byte>(1)) {
    Small::Guard guard(queue);
    const SlotId freed = queue.push(guard, 5).value();
    held = queue.push_leased(guard, 4, 0).value();
    for (const std::uint32_t item : {1U, 2U}) static_cast<void>(queue.push(guard, item, 0).value());
    static_cast<void>(queue.push(guard, 3, 1).value());
    static_cast<void>(queue.lease(guard, 1));  // 5
    queue.release(guard, freed);
  }
  os::SharedRegion region;
  std::byte* begin;
  Small queue;
  std::byte* end;
  SlotId held = kNoSlot;
};

// Takes back what worker 0 held; returns all items, sorted, and leaves the queue empty.
std::vector<std::uint32_t> drain(Small& queue) {
  test::MendingGuard<Small> guard(queue);
  std::vector<SlotId> lost;
  queue.for_each_leased(guard, 0, [&](SlotId slot, std::uint32_t) { lost.push_back(slot); });
  for (const SlotId slot : lost) queue.requeue(guard, slot);
  const std::uint32_t live = queue.live(guard);
  std::vector<std::uint32_t> items;
  for (const unsigned lane : {0U, 1U}) {
    while (const auto slot = queue.lease(guard, 1, lane)) {
      items.push_back(queue.item(*slot));
      queue.release(guard, *slot);
    }
  }
  CHECK(live == items.size());
  CHECK(queue.live(guard) == 0);
  std::sort(items.begin(), items.end());
  return items;
}

// Every slot is there, once.
void check_capacity(Small& queue) {
  Small::Guard guard(queue);
  std::vector<SlotId> slots;
  while (const auto slot = queue.push(guard, 0)) {
    slots.push_back(*slot);
    if (slots.size() > kSmallCapacity) break;
  }
  std::sort(slots.begin(), slots.end());
  CHECK(std::unique(slots.begin(), slots.end()) == slots.end());
  CHECK(slots.size() == kSmallCapacity);
}

struct Operation {
  const char* name;
  std::function<void(SmallQueue&, Small::Guard&)> call;
  std::vector<std::uint32_t> before;
  std::vector<std::uint32_t> after;
};

const std::vector<std::uint32_t> kAll{1, 2, 3, 4};
const std::vector<std::uint32_t> kMore{1, 2, 3, 4, 6};

const std::vector<Operation>& operations() {
  using End = Small::End;
  static const std::vector<Operation> all{
      {"push", [](auto& s, auto& g) { static_cast<void>(s.queue.push(g, 6)); }, kAll, kMore},
      {"push at the front", [](auto& s, auto& g) { static_cast<void>(s.queue.push(g, 6, 0, End::kFront)); }, kAll,
       kMore},
      {"push into another lane", [](auto& s, auto& g) { static_cast<void>(s.queue.push(g, 6, 1)); }, kAll, kMore},
      {"push leased", [](auto& s, auto& g) { static_cast<void>(s.queue.push_leased(g, 6, 0)); }, kAll, kMore},
      {"lease", [](auto& s, auto& g) { static_cast<void>(s.queue.lease(g, 0)); }, kAll, kAll},
      {"lease the last of a lane", [](auto& s, auto& g) { static_cast<void>(s.queue.lease(g, 0, 1)); }, kAll, kAll},
      {"release", [](auto& s, auto& g) { s.queue.release(g, s.held); }, kAll, {1, 2, 3}},
      {"push in two parts", [](auto& s, auto& g) { static_cast<void>(s.queue.push_filled(g, 6, [](SlotId) {})); }, kAll,
       kMore},
      {"pop", [](auto& s, auto& g) { s.queue.pop(g, [](SlotId, std::uint32_t) {}); }, kAll, {2, 3, 4}},
      {"discard", [](auto& s, auto& g) { s.queue.discard(g, s.held); }, kAll, {1, 2, 3}},
      {"pass", [](auto& s, auto& g) { s.queue.pass(g, s.held, 1); }, kAll, kAll},
      {"requeue", [](auto& s, auto& g) { s.queue.requeue(g, s.held); }, kAll, kAll},
      {"count a death", [](auto& s, auto& g) { static_cast<void>(s.queue.count_death(g, s.held)); }, kAll, kAll},
      {"rebuild", [](auto& s, auto& g) { s.queue.rebuild(g); }, kAll, kAll},
  };
  return all;
}

}  // namespace

TEST_CASE("a process killed while it holds the lock is noticed, and what it did complete stays done") {
  for (const Operation& operation : operations()) {
    INFO(operation.name);
    SmallQueue shared;
    auto child = os::Child::fork([&]() -> int {
      Small::Guard guard(shared.queue);
      operation.call(shared, guard);
      ::kill(::getpid(), SIGKILL);
      return 0;
    });
    REQUIRE(child);
    CHECK(child->reap() == SIGKILL);
    {
      Small::Guard guard(shared.queue);
      CHECK_FALSE(guard.intact());
      shared.queue.rebuild(guard);
    }
    {
      Small::Guard guard(shared.queue);
      CHECK(guard.intact());
    }
    CHECK(drain(shared.queue) == operation.after);
    check_capacity(shared.queue);
  }
}

TEST_CASE("a process killed anywhere inside an operation loses nothing and leaves the queue usable") {
  for (const Operation& operation : operations()) {
    INFO(operation.name);
    std::unique_ptr<SmallQueue> shared;
    test::CrashTest crash;
    crash.prepare = [&] { shared = std::make_unique<SmallQueue>(); };
    crash.step = [&] {
      test::begin_crash_zone();
      Small::Guard guard(shared->queue);
      operation.call(*shared, guard);
    };
    crash.watched = [&] { return std::vector{std::span<const std::byte>(shared->begin, shared->end)}; };
    crash.examine = [&] {
      const auto items = drain(shared->queue);
      CHECK((items == operation.before || items == operation.after));
      check_capacity(shared->queue);
    };
    if (test::crash_everywhere(crash) == 0) MTASK_SKIP("processes can't be traced here");
  }
}

// --- killed at random, many times
// ----------------------------------------------------------------------------------------

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint32_t kItems = 50'000;
constexpr unsigned kRounds = 4;
#else
constexpr std::uint32_t kItems = 1'000'000;
constexpr unsigned kRounds = 20;
#endif
constexpr std::uint32_t kWorkers = 4;
constexpr std::uint32_t kProducts = 1000;  // of one order

// Lane 1 holds orders to produce items [first, first + count), lane 0 single items to consume.
struct Work {
  std::uint32_t first;
  std::uint32_t count;
};
using Queue = SharedQueue<Work, 2>;
constexpr std::uint32_t kCapacity = 4096;

struct Factory {
  Factory()
      : region(os::SharedRegion::map(Queue::room(kCapacity) + kItems + 8192).value()),
        queue(region, kCapacity),
        effects(region.carve<std::atomic<std::uint8_t>>(kItems)),
        done(region.carve<std::atomic<std::uint32_t>>(1)) {
    Queue::Guard guard(queue);
    for (std::uint32_t first = 0; first < kItems; first += kProducts) {
      static_cast<void>(queue.push(guard, {first, kProducts}, 1).value());
    }
  }
  os::SharedRegion region;
  Queue queue;
  std::atomic<std::uint8_t>* effects;
  std::atomic<std::uint32_t>* done;
};

void consume(Factory& factory, std::uint32_t item) {
  factory.effects[item].fetch_add(1);
  factory.done->fetch_add(1);
}

// Goes on where a killed one stopped.
void produce(Factory& factory, SlotId slot) {
  Queue& queue = factory.queue;
  const Work order = queue.item(slot);
  while (queue.at(slot) < order.count) {
    std::uint32_t own = UINT32_MAX;
    {
      test::MendingGuard<Queue> guard(queue);
      for (int i = 0; i < 10 && own == UINT32_MAX && queue.at(slot) < order.count; ++i) {
        const std::uint32_t item = order.first + queue.at(slot);
        if (!queue.push(guard, {item, 1}, 0)) own = item;  // full: consume it oneself
        if (own == UINT32_MAX) queue.at(slot).fetch_add(1);
      }
    }
    if (own == UINT32_MAX) continue;
    consume(factory, own);
    queue.at(slot).fetch_add(1);
  }
}

int work(Factory& factory, std::uint32_t worker) {
  Queue& queue = factory.queue;
  bool slept = false;
  for (;;) {
    std::vector<SlotId> slots;
    std::uint32_t ticket = 0;
    {
      test::MendingGuard<Queue> guard(queue);
      if (std::exchange(slept, false)) queue.woke(guard);
      while (slots.size() < 8) {
        const auto slot = queue.lease(guard, worker);
        if (!slot) break;
        slots.push_back(*slot);
      }
      if (slots.empty()) {
        if (const auto order = queue.lease(guard, worker, 1)) slots.push_back(*order);
      }
      if (slots.empty()) {
        if (queue.live(guard) == 0) return 0;
        ticket = queue.about_to_wait(guard);
        slept = true;
      }
    }
    if (slept) queue.wait(ticket, std::chrono::milliseconds(100));
    for (const SlotId slot : slots) {
      if (queue.item(slot).count == 1) {
        consume(factory, queue.item(slot).first);
      } else {
        produce(factory, slot);
      }
    }
    test::MendingGuard<Queue> guard(queue);
    for (const SlotId slot : slots) queue.release(guard, slot);
  }
}

void recover(Queue& queue, std::uint32_t worker) {
  test::MendingGuard<Queue> guard(queue);
  std::vector<SlotId> lost;
  queue.for_each_leased(guard, worker, [&](SlotId slot, const Work&) { lost.push_back(slot); });
  for (const SlotId slot : lost) {
    static_cast<void>(queue.count_death(guard, slot));
    queue.requeue(guard, slot);
  }
}

// Runs the factory to its end, killing a worker after every so many items (0: never). Returns the number of deaths.
unsigned supervise(Factory& factory, std::uint32_t between_kills, std::mt19937& random) {
  auto group = WorkerGroup::create([&](std::uint32_t worker) { return work(factory, worker); }).value();
  for (std::uint32_t worker = 0; worker < kWorkers; ++worker) group.start(worker).value();
  unsigned deaths = 0;
  std::uint32_t next_kill = between_kills;
  while (group.running() > 0) {
    const auto exits = group.wait(std::chrono::milliseconds(between_kills > 0 ? 1 : 1000)).value();
    for (const auto& exit : exits) {
      if (exit.clean()) continue;
      ++deaths;
      recover(factory.queue, exit.worker);
      group.start(exit.worker).value();
    }
    if (between_kills == 0 || *factory.done < next_kill) continue;
    const pid_t victim = group.pid(static_cast<std::uint32_t>(random() % kWorkers));
    if (victim > 0) ::kill(victim, SIGKILL);
    next_kill = *factory.done + 1 + static_cast<std::uint32_t>(random() % (2 * between_kills));
  }
  return deaths;
}

}  // namespace

TEST_CASE("without deaths every item is done exactly once") {
  Factory factory;
  std::mt19937 random(1);
  CHECK(supervise(factory, 0, random) == 0);
  std::uint32_t wrong = 0;
  for (std::uint32_t item = 0; item < kItems; ++item) wrong += factory.effects[item] == 1 ? 0U : 1U;
  CHECK(wrong == 0);
  Queue::Guard guard(factory.queue);
  CHECK(guard.intact());
  CHECK(factory.queue.live(guard) == 0);
}

TEST_CASE("producers and consumers killed at random lose no item") {
  unsigned deaths = 0;
  for (unsigned seed = 1; seed <= kRounds; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    Factory factory;
    deaths += supervise(factory, kItems / 200, random);
    std::uint32_t lost = 0;
    for (std::uint32_t item = 0; item < kItems; ++item) lost += factory.effects[item] == 0 ? 1U : 0U;
    CHECK(lost == 0);
    test::MendingGuard<Queue> guard(factory.queue);
    CHECK(factory.queue.live(guard) == 0);
    for (const unsigned lane : {0U, 1U}) CHECK_FALSE(factory.queue.lease(guard, 0, lane));
    std::uint32_t capacity = 0;
    while (factory.queue.push(guard, {0, 1})) ++capacity;
    CHECK(capacity == kCapacity);
  }
  CHECK(deaths > kRounds);
}
