// What a queue does while nobody dies.

#include "workers/shared_queue.hpp"

#include <poll.h>

#include <catch2/catch.hpp>
#include <cstdint>
#include <vector>

#include "os/child.hpp"
#include "workers/queue_support.hpp"

using namespace mtask;
using namespace mtask::workers;
using Queue = SharedQueue<std::uint32_t, 2>;
using test::Memory;

namespace {

// All items of a lane in the order in which they are leased; the lane is empty afterwards.
std::vector<std::uint32_t> lease_all(Queue& queue, unsigned lane = 0) {
  std::vector<std::uint32_t> items;
  Queue::Guard guard(queue);
  while (const auto slot = queue.lease(guard, 0, lane)) {
    items.push_back(queue.item(*slot));
    queue.release(guard, *slot);
  }
  return items;
}

// True when the child has ended by itself with status 0; a child that sleeps for good is killed.
bool ends_well(os::Child& child) {
  pollfd entry{child.pidfd(), POLLIN, 0};
  if (::poll(&entry, 1, 120'000) != 1) return false;
  return child.reap() == 0;
}

}  // namespace

TEST_CASE("items pushed at the back leave in order, at the front in reverse") {
  Memory<Queue> memory(8);
  Queue& queue = memory.queue();
  {
    Queue::Guard guard(queue);
    for (const std::uint32_t item : {1U, 2U, 3U}) REQUIRE(queue.push(guard, item));
    for (const std::uint32_t item : {4U, 5U}) REQUIRE(queue.push(guard, item, 0, Queue::End::kFront));
  }
  CHECK(lease_all(queue) == std::vector<std::uint32_t>{5, 4, 1, 2, 3});
}

TEST_CASE("lanes are queues of their own") {
  Memory<Queue> memory(8);
  Queue& queue = memory.queue();
  {
    Queue::Guard guard(queue);
    REQUIRE(queue.push(guard, 1, 0));
    REQUIRE(queue.push(guard, 2, 1));
    REQUIRE(queue.push(guard, 3, 0));
    CHECK(queue.live(guard) == 3);
  }
  CHECK(lease_all(queue, 1) == std::vector<std::uint32_t>{2});
  CHECK(lease_all(queue, 0) == std::vector<std::uint32_t>{1, 3});
  CHECK(lease_all(queue, 0).empty());
}

TEST_CASE("a full queue takes nothing until a slot is free, and then uses that one") {
  Memory<Queue> memory(3);
  Queue& queue = memory.queue();
  Queue::Guard guard(queue);
  REQUIRE(queue.push(guard, 1));
  REQUIRE(queue.push_leased(guard, 2, 0));
  REQUIRE(queue.push(guard, 3));
  CHECK_FALSE(queue.push(guard, 4));
  CHECK_FALSE(queue.push_leased(guard, 4, 0));
  CHECK(queue.live(guard) == 3);
  const auto first = queue.lease(guard, 0);
  REQUIRE(first);
  CHECK_FALSE(queue.push(guard, 4));  // leased is not free
  queue.release(guard, *first);
  CHECK(queue.push(guard, 4) == first);
  CHECK_FALSE(queue.push(guard, 5));
}

TEST_CASE("a requeued item is the first of its lane") {
  Memory<Queue> memory(8);
  Queue& queue = memory.queue();
  {
    Queue::Guard guard(queue);
    for (const std::uint32_t item : {1U, 2U, 3U}) REQUIRE(queue.push(guard, item, 1));
    const auto slot = queue.lease(guard, 0, 1);
    REQUIRE(slot);
    REQUIRE(queue.push(guard, 9, 0));
    queue.requeue(guard, *slot);
    CHECK(queue.live(guard) == 4);
  }
  CHECK(lease_all(queue, 1) == std::vector<std::uint32_t>{1, 2, 3});
}

TEST_CASE("leases are found by their holder") {
  Memory<Queue> memory(8);
  Queue& queue = memory.queue();
  Queue::Guard guard(queue);
  for (const std::uint32_t item : {1U, 2U, 3U}) REQUIRE(queue.push(guard, item));
  REQUIRE(queue.push_leased(guard, 4, 7));
  REQUIRE(queue.lease(guard, 7));
  REQUIRE(queue.lease(guard, 8));
  std::vector<std::uint32_t> held;
  queue.for_each_leased(guard, 7, [&](SlotId, std::uint32_t item) { held.push_back(item); });
  CHECK(held == std::vector<std::uint32_t>{1, 4});
  std::vector<std::uint32_t> all;
  queue.for_each(guard, [&](SlotId, std::uint32_t item) { all.push_back(item); });
  CHECK(all == std::vector<std::uint32_t>{1, 2, 3, 4});
}

TEST_CASE("deaths count while an item makes no progress, and a new item starts with none") {
  Memory<Queue> memory(1);
  Queue& queue = memory.queue();
  Queue::Guard guard(queue);
  REQUIRE(queue.push(guard, 1));
  auto slot = queue.lease(guard, 0);
  REQUIRE(slot);
  CHECK_FALSE(queue.redone(*slot));
  CHECK(queue.count_death(guard, *slot) == 1);
  CHECK(queue.redone(*slot));
  CHECK(queue.count_death(guard, *slot) == 2);
  queue.at(*slot).store(5);
  CHECK(queue.count_death(guard, *slot) == 1);
  CHECK(queue.count_death(guard, *slot) == 2);
  CHECK(queue.count_death(guard, *slot) == 3);
  queue.release(guard, *slot);
  slot = queue.push(guard, 2);
  REQUIRE(slot);
  CHECK_FALSE(queue.redone(*slot));
  CHECK(queue.at(*slot).load() == 0);
  CHECK(queue.count_death(guard, *slot) == 1);
}

TEST_CASE("who sleeps for work is woken by a push, without a time-out") {
  Memory<Queue> memory(4);
  Queue& queue = memory.queue();
  {
    Queue::Guard guard(queue);
    REQUIRE(queue.push_leased(guard, 4, 0));  // so that not all is done yet
  }
  auto child = os::Child::fork([&] { return test::wait_and_take(queue, 1) == 1 ? 0 : 1; });
  REQUIRE(child);
  REQUIRE(test::sleepers_reach(queue, 1));
  {
    Queue::Guard guard(queue);
    REQUIRE(queue.push(guard, 5));
  }
  CHECK(ends_well(*child));
  Queue::Guard guard(queue);
  CHECK(queue.sleepers(guard) == 0);
}

TEST_CASE("who sleeps for work is woken by a requeue, without a time-out") {
  Memory<Queue> memory(4);
  Queue& queue = memory.queue();
  SlotId slot = kNoSlot;
  {
    Queue::Guard guard(queue);
    slot = queue.push_leased(guard, 5, 0).value();
  }
  auto child = os::Child::fork([&] { return test::wait_and_take(queue, 1) == 1 ? 0 : 1; });
  REQUIRE(child);
  REQUIRE(test::sleepers_reach(queue, 1));
  {
    Queue::Guard guard(queue);
    queue.requeue(guard, slot);
  }
  CHECK(ends_well(*child));
}

TEST_CASE("the last release wakes all who sleep: nothing will come any more") {
  Memory<Queue> memory(4);
  Queue& queue = memory.queue();
  SlotId slot = kNoSlot;
  {
    Queue::Guard guard(queue);
    slot = queue.push_leased(guard, 5, 0).value();
  }
  std::vector<os::Child> children;
  for (std::uint32_t worker = 1; worker <= 3; ++worker) {
    auto child = os::Child::fork([&] { return test::wait_and_take(queue, worker) == 0 ? 0 : 1; });
    REQUIRE(child);
    children.push_back(*std::move(child));
  }
  REQUIRE(test::sleepers_reach(queue, 3));
  {
    Queue::Guard guard(queue);
    queue.release(guard, slot);
  }
  for (os::Child& child : children) CHECK(ends_well(child));
}

TEST_CASE("sleepers of killed processes can be forgotten") {
  Memory<Queue> memory(4);
  Queue& queue = memory.queue();
  {
    Queue::Guard guard(queue);
    REQUIRE(queue.push_leased(guard, 5, 0));
  }
  {
    auto child = os::Child::fork([&] { return test::wait_and_take(queue, 1) == 0 ? 0 : 1; });
    REQUIRE(child);
    REQUIRE(test::sleepers_reach(queue, 1));
  }
  Queue::Guard guard(queue);
  CHECK(queue.sleepers(guard) == 1);
  queue.forget_sleepers(guard);
  CHECK(queue.sleepers(guard) == 0);
}
