#include "coro/timer_queue.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <random>
#include <span>
#include <tuple>
#include <vector>

using mtask::detail::promise_base;
using mtask::detail::timer_queue;

namespace {

// Stands for the task with that number; never looked into.
promise_base* task(std::uintptr_t number) {
  return reinterpret_cast<promise_base*>((number + 1) * 16);  // NOLINT(performance-no-int-to-ptr)
}

promise_base* pop(timer_queue& queue, std::int64_t now) {
  promise_base* next = nullptr;
  return queue.pop(now, std::span(&next, 1)) == 1 ? next : nullptr;
}

// The same by a sorted vector, slowly.
class Model {
 public:
  void add(std::int64_t deadline, promise_base* what) { entries_.emplace_back(deadline, count_++, what); }
  void cancel(std::int64_t deadline, const promise_base* what) {
    const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
      return std::get<0>(entry) == deadline && std::get<2>(entry) == what;
    });
    entries_.erase(found);
  }
  promise_base* pop(std::int64_t now) {
    const auto first = std::min_element(entries_.begin(), entries_.end());
    if (first == entries_.end() || std::get<0>(*first) > now) return nullptr;
    promise_base* const what = std::get<2>(*first);
    entries_.erase(first);
    return what;
  }
  [[nodiscard]] std::int64_t earliest() const {
    return entries_.empty() ? timer_queue::kNever : std::get<0>(*std::min_element(entries_.begin(), entries_.end()));
  }

 private:
  using Entry = std::tuple<std::int64_t, std::uint64_t, promise_base*>;
  std::vector<Entry> entries_;
  std::uint64_t count_ = 0;
};

}  // namespace

TEST_CASE("tasks come out by deadline, and not before it") {
  timer_queue queue;
  CHECK(queue.empty());
  CHECK(queue.earliest() == timer_queue::kNever);
  queue.add({30, task(3)});
  queue.add({10, task(1)});
  queue.add({20, task(2)});
  CHECK(queue.earliest() == 10);
  CHECK(pop(queue, 9) == nullptr);
  CHECK(pop(queue, 20) == task(1));
  queue.add({15, task(4)});
  CHECK(pop(queue, 20) == task(4));
  CHECK(pop(queue, 20) == task(2));
  CHECK(pop(queue, 29) == nullptr);
  CHECK(pop(queue, timer_queue::kNever) == task(3));
  CHECK(queue.empty());
}

TEST_CASE("equal deadlines come out in the order in which they were added, however many they are") {
  timer_queue queue;
  constexpr std::uintptr_t kMany = 20'000;
  for (std::uintptr_t i = 0; i < kMany; ++i) queue.add({static_cast<std::int64_t>(i % 2), task(i)});
  for (std::uintptr_t i = 0; i < kMany; i += 2) REQUIRE(pop(queue, 5) == task(i));
  queue.add({1, task(kMany)});
  for (std::uintptr_t i = 1; i < kMany; i += 2) REQUIRE(pop(queue, 5) == task(i));
  CHECK(pop(queue, 5) == task(kMany));
}

TEST_CASE("a crowd around one time, and one entry far away, come out in order") {
  std::minstd_rand random(1);
  timer_queue queue;
  Model model;
  const auto add = [&](std::int64_t deadline, std::uintptr_t number) {
    queue.add({deadline, task(number)});
    model.add(deadline, task(number));
  };
  for (std::uintptr_t i = 0; i < 2000; ++i) add(static_cast<std::int64_t>(random() % 500), i);
  add(3'600'000'000'000, 2000);
  for (int i = 0; i <= 2000; ++i) REQUIRE(pop(queue, timer_queue::kNever) == model.pop(timer_queue::kNever));
  CHECK(queue.empty());
}

TEST_CASE("the extremes of the clock are times like others") {
  timer_queue queue;
  queue.add({timer_queue::kNever, task(2)});
  queue.add({INT64_MIN, task(0)});
  queue.add({0, task(1)});
  CHECK(pop(queue, INT64_MIN) == task(0));
  CHECK(pop(queue, 0) == task(1));
  queue.add({timer_queue::kNever, task(3)});
  CHECK_FALSE(queue.empty());
  CHECK(pop(queue, timer_queue::kNever) == task(2));
  CHECK(pop(queue, timer_queue::kNever) == task(3));
}

TEST_CASE("adding, taking and cancelling in any order agrees with a sorted list") {
  const auto spread = GENERATE(std::int64_t{3}, std::int64_t{1000}, std::int64_t{1'000'000'000});
  std::minstd_rand random(static_cast<unsigned>(spread));
  timer_queue queue;
  Model model;
  std::vector<std::tuple<std::int64_t, promise_base*>> live;
  std::int64_t now = 0;
  std::uintptr_t number = 0;
  for (int step = 0; step < 6000; ++step) {
    const auto dice = random() % 10;
    if (dice < 6) {
      const auto deadline = now + static_cast<std::int64_t>(random()) % spread;
      promise_base* const what = task(number++);
      queue.add({deadline, what});
      model.add(deadline, what);
      live.emplace_back(deadline, what);
    } else if (dice < 8 && !live.empty()) {
      std::swap(live[random() % live.size()], live.back());
      const auto [deadline, what] = live.back();
      live.pop_back();
      queue.cancel({deadline, what});
      model.cancel(deadline, what);
    } else {
      now += static_cast<std::int64_t>(random()) % (spread / 50 + 1);
      CHECK(queue.earliest() <= model.earliest());
      std::array<promise_base*, 5> due{};
      std::size_t count = due.size();
      while (count == due.size()) {
        count = queue.pop(now, due);
        for (std::size_t i = 0; i < count; ++i) {
          REQUIRE(due[i] == model.pop(now));
          std::erase_if(live, [&](const auto& entry) { return std::get<1>(entry) == due[i]; });
        }
      }
      REQUIRE(model.pop(now) == nullptr);
    }
    REQUIRE(queue.empty() == live.empty());
  }
}

TEST_CASE("a hundred thousand sleepers that sleep again come out in order") {
  std::minstd_rand random(1);
  timer_queue queue;
  constexpr std::int64_t kMost = 1'000'000;
  for (std::uintptr_t i = 0; i < 100'000; ++i) queue.add({static_cast<std::int64_t>(random() % kMost), task(i)});
  std::int64_t now = 0;
  std::size_t woken = 0;
  while (woken < 300'000) {
    const std::int64_t next = queue.earliest();
    REQUIRE(next >= now);
    now = next;
    promise_base* const what = pop(queue, now);
    REQUIRE(what != nullptr);
    ++woken;
    queue.add({now + static_cast<std::int64_t>(random() % kMost), what});
  }
}
