// What mtask::process_pool promises while its workers die.

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "mtask/process_pool.hpp"
#include "os/child.hpp"
#include "os/shared_region.hpp"
#include "support/crash_points.hpp"
#include "support/environment.hpp"
#include "support/processes.hpp"
#include "workers/counting.hpp"
#include "workers/task_board.hpp"

using namespace mtask;

namespace {

// Counts calls over all processes.
struct Counter {
  os::SharedRegion region = os::SharedRegion::map(4096).value();
  std::atomic<std::uint32_t>& value = *region.carve<std::atomic<std::uint32_t>>(1);
};

[[noreturn]] void die(int how) {
  if (how == 1) ::kill(::getpid(), SIGKILL);
  if (how == 2) {
    ::signal(SIGABRT, SIG_DFL);
    std::abort();
  }
  ::_exit(how == 3 ? 0 : 7);
}

}  // namespace

TEST_CASE("a call whose worker dies is made again by another") {
  for (const int how : {1, 2, 3, 4}) {
    CAPTURE(how);
    Counter calls;
    process_pool<int(int)> pool(
        [&](int number) {
          if (++calls.value < 3) die(how);
          return number + 1;
        },
        {.workers = 2});
    CHECK(pool.apply(41).value() == 42);
    CHECK(pool.worker_deaths() == 2);
    CHECK(pool.workers() == 2);
  }
}

TEST_CASE("a call that costs too many workers is an error, and the others are made") {
  Counter calls;
  process_pool<int(int)> pool(
      [&](int number) {
        if (number == 5) {
          ++calls.value;
          die(1);
        }
        return number;
      },
      {.workers = 2, .crash_limit = 4});
  int good = 0;
  std::string message;
  CHECK(pool.imap_unordered(test::Counting(0, 100), [&](std::size_t index, Result<int> result) {
    if (result) {
      ++good;
    } else {
      CHECK(index == 5);
      CHECK(result.error().kind == ErrorKind::kItem);
      message = result.error().message();
    }
  }));
  CHECK(good == 99);
  CHECK(calls.value == 4);
  CHECK(message == "4 workers ended in the middle of it; the last one was killed by signal 9");
  CHECK(pool.worker_deaths() == 4);
  CHECK(pool.apply(1).value() == 1);
}

TEST_CASE("workers that die between calls are replaced at the next one") {
  process_pool<int(int)> pool([](int number) { return number; }, {.workers = 3});
  CHECK(pool.apply(1));
  for (const pid_t pid : test::descendants(::getpid())) ::kill(pid, SIGKILL);
  CHECK(pool.map(test::Counting(0, 100)).value().size() == 100);
  CHECK(pool.workers() == 3);
}

TEST_CASE("a worker killed anywhere between two calls leaves each with one outcome, or to be made") {
  using workers::SlotId;
  using workers::TaskBoard;
  struct Board {
    TaskBoard::Shape shape{4, 16, 16};
    os::SharedRegion region = os::SharedRegion::map(TaskBoard::room(shape)).value();
    TaskBoard board{region, shape, -1};
  };
  std::unique_ptr<Board> shared;
  const std::byte argument[1]{std::byte{1}};
  test::CrashTest crash;
  crash.prepare = [&] {
    shared = std::make_unique<Board>();
    for (std::uint64_t id = 1; id <= 4; ++id) REQUIRE(shared->board.submit(id, argument));
  };
  crash.step = [&] {
    TaskBoard& board = shared->board;
    const auto first = board.take(0, std::nullopt);
    board.begin(*first);
    board.set_output(*first, TaskBoard::Outcome::kValue, argument);
    test::begin_crash_zone();
    static_cast<void>(board.take(0, first));
  };
  crash.watched = [&] { return std::vector{shared->region.used()}; };
  crash.examine = [&] {
    TaskBoard& board = shared->board;
    const bool held = board.recover(0, 3, SIGKILL);
    std::vector<SlotId> made;
    board.collect(made, 10);
    std::vector<std::uint64_t> ids;
    ids.reserve(made.size());
    for (const SlotId slot : made) ids.push_back(board.task(slot).id);
    CHECK((ids == std::vector<std::uint64_t>{1} || (held && ids.empty())));
    board.free(made);
    board.close();
    while (const auto slot = board.take(1, std::nullopt)) ids.push_back(board.task(*slot).id);
    CHECK(ids == std::vector<std::uint64_t>{1, 2, 3, 4});
  };
  if (test::crash_everywhere(crash) == 0) MTASK_SKIP("processes can't be traced here");
}

namespace {

// Calls `use` as a user of whom there is no other process, and who may have `more` than this one.
void with_few_processes(rlim_t more, const std::function<void(process_pool<int(int)>&)>& use) {
  constexpr unsigned kUser = 1'854'321;
  test::as_user(kUser, [&] {
    const rlimit few{1 + more, 1 + more};
    if (::setrlimit(RLIMIT_NPROC, &few) != 0) throw std::runtime_error("setrlimit");
    process_pool<int(int)> pool([](int number) { return number + 1; }, {.workers = 3});
    use(pool);
  });
}

void demand(bool condition, const char* what) {
  if (!condition) throw std::runtime_error(what);
}

}  // namespace

TEST_CASE("without any process to be had calls fail; with fewer than wanted they are made") {
  if (::getuid() != 0) MTASK_SKIP("needs root");
  with_few_processes(0, [](auto& pool) {
    const auto refused = pool.apply(1);
    demand(!refused, "a call was made");
    demand(refused.error().kind == ErrorKind::kUnavailable, "it is no lack of processes");
    demand(refused.error().code == std::errc::resource_unavailable_try_again, "the reason is not told");
  });
  with_few_processes(2, [](auto& pool) {
    demand(pool.workers() == 2, "there are not two workers");
    demand(pool.map(test::Counting(0, 100)).value().size() == 100, "not all calls were made");
  });
}

// --- killed at random, many times

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kItems = 50'000;
#else
constexpr int kItems = 1'000'000;
#endif

}  // namespace

TEST_CASE("with workers killed at random each of a million calls has one result") {
  std::mt19937 random(1);
  process_pool<long(int)> pool([](int number) { return number * 3L; }, {.workers = 3, .crash_limit = 1000});
  std::vector<std::uint8_t> results(kItems);
  std::uint32_t wrong = 0;
  int heard = 0;
  int next_kill = 100;
  const auto ran = pool.imap_unordered(test::Counting(0, kItems), [&](std::size_t index, Result<long> result) {
    ++results[index];
    if (!result || *result != static_cast<long>(index) * 3) ++wrong;
    if (++heard < next_kill) return;
    const auto alive = test::descendants(::getpid());
    if (!alive.empty()) ::kill(alive[random() % alive.size()], SIGKILL);
    next_kill = heard + 1 + static_cast<int>(random() % (kItems / 100));
  });
  REQUIRE(ran);
  CHECK(wrong == 0);
  std::uint32_t not_once = 0;
  for (const std::uint8_t count : results) not_once += count == 1 ? 0U : 1U;
  CHECK(not_once == 0);
  CHECK(pool.worker_deaths() > 20);
  CHECK(pool.finish());
}
