// The board while its users are killed.

#include <catch2/catch.hpp>
#include <csignal>
#include <memory>
#include <random>
#include <vector>

#include "copy/board.hpp"
#include "support/crash_points.hpp"
#include "support/environment.hpp"
#include "toy_copy.hpp"
#include "workers/worker_group.hpp"

using namespace mtask;
using namespace mtask::copy;
using test::ToyCopy;
using test::ToyTree;

namespace {

#if defined(__SANITIZE_THREAD__)
constexpr unsigned kEveryOperation = 30;
constexpr unsigned kRounds = 2;
#elif defined(__SANITIZE_ADDRESS__)
constexpr unsigned kEveryOperation = 7;
constexpr unsigned kRounds = 2;
#else
constexpr unsigned kEveryOperation = 1;
constexpr unsigned kRounds = 60;
#endif
constexpr std::uint32_t kWorkers = 3;

template <class T>
std::span<const std::byte> bytes_of(const T& first, std::size_t count) {
  return {static_cast<const std::byte*>(static_cast<const void*>(&first)), sizeof(T) * count};
}

}  // namespace

TEST_CASE("a worker killed anywhere inside any operation leaves a board on which another finishes") {
  constexpr ToyTree kTree{4, 2, 45, 2};  // two batches, a big file, links over two directories
  unsigned operations = 0;
  {
    ToyCopy toy(kTree, 2);
    toy.work(0);
    REQUIRE(toy.complaints(true) == "");
    operations = toy.operations();
  }
  for (unsigned target = 1; target <= operations; target += kEveryOperation) {
    INFO("operation " << target << " of " << operations);
    std::unique_ptr<ToyCopy> toy;
    test::CrashTest crash;
    crash.prepare = [&] {
      toy = std::make_unique<ToyCopy>(kTree, 2);
      toy->around = [&, target](unsigned number, bool begins) {
        if (number == target) begins ? test::begin_crash_zone() : test::end_crash_zone();
      };
    };
    crash.step = [&] { toy->work(0); };
    crash.watched = [&] {
      Board& board = toy->board();
      return std::vector{bytes_of(board.directory(0), 8), bytes_of(board.item(0), 16), bytes_of(board.big(0), 2)};
    };
    crash.examine = [&] {
      toy->around = nullptr;
      toy->recover(0);
      toy->work(1);
      CHECK(toy->complaints(false) == "");
    };
    if (test::crash_everywhere(crash) == 0) MTASK_SKIP("processes can't be traced here");
  }
}

TEST_CASE("workers killed at random leave no directory unfinished") {
  unsigned deaths = 0;
  for (unsigned seed = 1; seed <= kRounds; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    ToyCopy toy({1364, 4, 60, 5}, kWorkers);
    auto group = workers::WorkerGroup::create([&](std::uint32_t worker) { return toy.work(worker); }).value();
    for (std::uint32_t worker = 0; worker < kWorkers; ++worker) group.start(worker).value();
    std::uint32_t next_kill = 0;
    while (group.running() > 0) {
      const auto exits = group.wait(std::chrono::milliseconds(1)).value();
      for (const auto& exit : exits) {
        if (exit.clean()) continue;
        ++deaths;
        toy.recover(exit.worker);
        group.start(exit.worker).value();
      }
      if (toy.moments() < next_kill) continue;
      const pid_t victim = group.pid(static_cast<std::uint32_t>(random() % kWorkers));
      if (victim > 0) ::kill(victim, SIGKILL);
      next_kill = toy.moments() + static_cast<std::uint32_t>(random() % 20);
    }
    CHECK(toy.complaints(false) == "");
  }
  CHECK(deaths > 2 * kRounds);
}
