#include "workers/worker_group.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <map>
#include <optional>
#include <vector>

#include "base/unique_fd.hpp"

using namespace mtask;
using workers::WorkerGroup;

namespace {

[[noreturn]] int sleep_for_good() {
  for (;;) ::pause();
}

// All exits until nobody runs, by worker.
std::map<std::uint32_t, int> collect(WorkerGroup& group) {
  std::map<std::uint32_t, int> statuses;
  while (group.running() > 0) {
    const auto exits = group.wait(std::chrono::milliseconds(-1)).value();
    for (const auto& exit : exits) statuses[exit.worker] = exit.status;
  }
  return statuses;
}

}  // namespace

TEST_CASE("every worker runs with its number, and its end is told with its status") {
  auto group = WorkerGroup::create([](std::uint32_t worker) { return static_cast<int>(worker * 2); });
  REQUIRE(group);
  for (std::uint32_t worker = 0; worker < 3; ++worker) REQUIRE(group->start(worker));
  CHECK(group->running() == 3);
  const auto statuses = collect(*group);
  REQUIRE(statuses.size() == 3);
  for (const auto& [worker, status] : statuses) {
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == static_cast<int>(worker * 2));
    CHECK(WorkerGroup::Exit{worker, status}.clean() == (worker == 0));
  }
}

TEST_CASE("a killed worker is told as such, and can be started again") {
  auto group = WorkerGroup::create([](std::uint32_t) { return sleep_for_good(); });
  REQUIRE(group);
  CHECK(group->pid(5) == 0);
  REQUIRE(group->start(5));
  const pid_t first = group->pid(5);
  REQUIRE(first > 0);
  ::kill(first, SIGKILL);
  auto exits = group->wait(std::chrono::milliseconds(-1));
  REQUIRE(exits);
  REQUIRE(exits->size() == 1);
  CHECK(exits->front().worker == 5);
  CHECK(exits->front().status == SIGKILL);
  CHECK_FALSE(exits->front().clean());
  CHECK(group->pid(5) == 0);
  CHECK(group->running() == 0);

  REQUIRE(group->start(5));
  CHECK(group->running() == 1);
  CHECK(group->pid(5) > 0);
  group->kill_all(SIGKILL);
  CHECK(collect(*group).at(5) == SIGKILL);
}

TEST_CASE("a wait ends without exits when a watched fd is readable, or at its time-out") {
  auto group = WorkerGroup::create([](std::uint32_t) { return sleep_for_good(); });
  REQUIRE(group);
  REQUIRE(group->start(0));
  UniqueFd event(::eventfd(1, EFD_CLOEXEC));
  REQUIRE(group->watch(event.get()));
  auto exits = group->wait(std::chrono::milliseconds(-1));
  REQUIRE(exits);
  CHECK(exits->empty());
  group->unwatch(event.get());
  exits = group->wait(std::chrono::milliseconds(0));
  REQUIRE(exits);
  CHECK(exits->empty());
  CHECK(group->running() == 1);
}

TEST_CASE("a group that goes takes its workers along, reaped") {
  pid_t worker = 0;
  {
    auto group = WorkerGroup::create([](std::uint32_t) { return sleep_for_good(); });
    REQUIRE(group);
    REQUIRE(group->start(0));
    worker = group->pid(0);
  }
  CHECK(::kill(worker, 0) == -1);
  CHECK(errno == ESRCH);
}

TEST_CASE("workers die with a supervisor that is killed") {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  UniqueFd reader(ends[0]);
  std::optional<UniqueFd> writer(ends[1]);
  auto supervisor = os::Child::fork([&] {
    auto group = WorkerGroup::create([](std::uint32_t) { return sleep_for_good(); }).value();
    for (std::uint32_t worker = 0; worker < 3; ++worker) group.start(worker).value();
    if (::write(ends[1], "!", 1) != 1) return 1;
    static_cast<void>(group.wait(std::chrono::milliseconds(-1)));
    return 0;
  });
  REQUIRE(supervisor);
  writer.reset();
  char ready = 0;
  REQUIRE(::read(reader.get(), &ready, 1) == 1);
  supervisor->kill(SIGKILL);
  // The end of the file comes when the last holder of the other end is gone.
  pollfd entry{reader.get(), POLLIN, 0};
  REQUIRE(::poll(&entry, 1, 120'000) == 1);
  CHECK(::read(reader.get(), &ready, 1) == 0);
}
