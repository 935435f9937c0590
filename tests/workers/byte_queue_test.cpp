// What mtask::shared_queue promises while nobody dies.

#include <fcntl.h>
#include <poll.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdint>
#include <functional>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "mtask/shared_queue.hpp"
#include "os/child.hpp"

using namespace mtask;
using Numbers = shared_queue<int>;

namespace {

// Runs `body` in a child; a true result is its success.
os::Child in_child(const std::function<bool()>& body) {
  return os::Child::fork([&] { return body() ? 0 : 1; }).value();
}

// True when the child has ended by itself with success; one that waits for good is killed.
bool ends_well(os::Child& child) {
  pollfd entry{child.pidfd(), POLLIN, 0};
  if (::poll(&entry, 1, 120'000) != 1) return false;
  return child.reap() == 0;
}

// Waits until the process sleeps, as one does that waits for an item or for room.
void wait_until_it_sleeps(const os::Child& child) {
  const std::string path = "/proc/" + std::to_string(child.pid()) + "/syscall";
  for (int i = 0; i < 10'000; ++i) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    char text[8] = {};
    if (fd == -1 || ::read(fd, text, sizeof(text) - 1) < 0) text[0] = 'r';
    if (fd != -1) ::close(fd);
    if (std::string(text).starts_with("202 ")) return;  // futex
    ::usleep(1000);
  }
}

std::vector<int> pop_all(Numbers& queue) {
  std::vector<int> items;
  while (const auto item = queue.pop().value()) items.push_back(*item);
  return items;
}

}  // namespace

TEST_CASE("items pass from process to process in the order in which they were pushed, and the end is the end") {
  Numbers queue(10);
  os::Child producer = in_child([&] {
    for (int i = 0; i < 10'000; ++i) queue.push(i).value();
    queue.close();
    return true;
  });
  std::vector<int> expected(10'000);
  std::iota(expected.begin(), expected.end(), 0);
  CHECK(pop_all(queue) == expected);
  CHECK(ends_well(producer));
}

TEST_CASE("strings and byte vectors arrive whole") {
  shared_queue<std::string> texts(4, 70'000);
  shared_queue<std::vector<std::byte>> bytes(4);
  const std::string odd("zero \0 inside", 13);
  const std::vector<std::byte> some(1000, std::byte{7});
  os::Child producer = in_child([&] {
    for (const std::string& text : {std::string(), odd, std::string(69'000, 'x')}) texts.push(text).value();
    bytes.push(some).value();
    bytes.push({}).value();
    return true;
  });
  CHECK(ends_well(producer));
  CHECK(texts.pop().value() == "");
  CHECK(texts.pop().value() == odd);
  CHECK(texts.pop().value() == std::string(69'000, 'x'));
  CHECK(bytes.pop().value() == some);
  CHECK(bytes.pop().value() == std::vector<std::byte>());
}

TEST_CASE("a full queue takes nothing; a leased item takes room until it is done") {
  Numbers queue(2);
  CHECK(queue.try_push(1).value());
  CHECK(queue.try_push(2).value());
  CHECK_FALSE(queue.try_push(3).value());
  {
    auto item = queue.lease().value();
    REQUIRE(item);
    CHECK(**item == 1);
    CHECK_FALSE(queue.try_push(3).value());
    CHECK(item->done());
  }
  CHECK(queue.try_push(3).value());
  CHECK(queue.pop().value() == 2);
  CHECK(queue.try_push(4).value());
  queue.close();
  CHECK(pop_all(queue) == std::vector{3, 4});
}

TEST_CASE("an item that is too large is refused, and one of the very size is not") {
  shared_queue<std::string> queue(2, 20);  // the text's size takes 8
  CHECK(queue.push(std::string(12, 'a')));
  const auto refused = queue.push(std::string(13, 'b'));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::kItem);
  CHECK_THAT(refused.error().message(), Catch::Contains("21 bytes") && Catch::Contains("20"));
  CHECK(queue.push("c"));
  CHECK(queue.pop().value() == std::string(12, 'a'));
  CHECK(queue.pop().value() == "c");
}

TEST_CASE("a queue of no size is a bug, and one beyond all memory, too") {
  CHECK_THROWS_AS(Numbers(0), std::invalid_argument);
  CHECK_THROWS_AS(Numbers(1, 0), std::invalid_argument);
  CHECK_THROWS_AS(Numbers(SIZE_MAX), std::invalid_argument);
  CHECK_THROWS_AS(Numbers(1, SIZE_MAX), std::invalid_argument);
  CHECK_THROWS_AS(Numbers(1000, SIZE_MAX / 1000), std::invalid_argument);
  CHECK_THROWS_AS(Numbers(2, std::size_t{1} << 60), std::system_error);
}

TEST_CASE("a closed queue takes nothing and gives what is left") {
  Numbers queue(4);
  queue.push(1).value();
  queue.push(2).value();
  CHECK_FALSE(queue.closed());
  queue.close();
  queue.close();
  CHECK(queue.closed());
  for (const auto& refused : {queue.push(3).has_value(), queue.try_push(3).has_value()}) CHECK_FALSE(refused);
  CHECK(queue.push(3).error().kind == ErrorKind::kUnavailable);
  CHECK(pop_all(queue) == std::vector{1, 2});
  CHECK_FALSE(queue.pop().value());
  CHECK_FALSE(queue.lease().value());
}

TEST_CASE("close() wakes all who wait for items") {
  Numbers queue(4);
  std::vector<os::Child> consumers;
  consumers.reserve(3);
  for (int i = 0; i < 3; ++i) consumers.push_back(in_child([&] { return !queue.pop().value().has_value(); }));
  for (const os::Child& consumer : consumers) wait_until_it_sleeps(consumer);
  queue.close();
  for (os::Child& consumer : consumers) CHECK(ends_well(consumer));
}

TEST_CASE("close() refuses those who wait for room") {
  Numbers queue(1);
  queue.push(1).value();
  std::vector<os::Child> producers;
  producers.reserve(3);
  for (int i = 0; i < 3; ++i) producers.push_back(in_child([&] { return !queue.push(2).has_value(); }));
  for (const os::Child& producer : producers) wait_until_it_sleeps(producer);
  queue.close();
  for (os::Child& producer : producers) CHECK(ends_well(producer));
  CHECK(pop_all(queue) == std::vector{1});
}

TEST_CASE("who waits for room goes on when there is some") {
  Numbers queue(1);
  queue.push(1).value();
  os::Child producer = in_child([&] { return queue.push(2).has_value(); });
  wait_until_it_sleeps(producer);
  CHECK(queue.pop().value() == 1);
  CHECK(ends_well(producer));
  CHECK(queue.pop().value() == 2);
}

TEST_CASE("an item that is dropped before it is done is the first again") {
  Numbers queue(4);
  queue.push(1).value();
  queue.push(2).value();
  {
    const auto item = queue.lease().value();
    REQUIRE(item);
    CHECK(**item == 1);
    CHECK(item->tries() == 1);
  }
  auto again = queue.lease().value();
  REQUIRE(again);
  CHECK(**again == 1);
  CHECK(again->tries() == 2);
  CHECK(again->done());
  CHECK(again->done().error().kind == ErrorKind::kUsage);
  queue.close();
  CHECK(pop_all(queue) == std::vector{2});
}

TEST_CASE("a process that holds an item gets no other until it is done") {
  Numbers queue(4);
  queue.push(1).value();
  queue.push(2).value();
  auto item = queue.lease().value();
  REQUIRE(item);
  CHECK(queue.lease().error().kind == ErrorKind::kUsage);
  CHECK(queue.pop().error().kind == ErrorKind::kUsage);
  auto moved = std::move(*item);
  item.reset();  // what was moved from holds nothing
  CHECK(queue.pop().error().kind == ErrorKind::kUsage);
  CHECK(moved.done());
  CHECK(queue.pop().value() == 2);
}

TEST_CASE("a leased item in a forked process is a copy without a say") {
  Numbers queue(4);
  queue.push(1).value();
  queue.push(2).value();
  auto item = queue.lease().value();
  REQUIRE(item);
  os::Child child = in_child([&] {
    if (**item != 1 || item->done().has_value()) return false;
    item.reset();
    return queue.pop().value() == 2;  // not 1, which was not given back
  });
  CHECK(ends_well(child));
  CHECK(item->done());
  queue.close();
  CHECK_FALSE(queue.pop().value());
}

TEST_CASE("a consumer of a closed queue waits for what others hold") {
  Numbers queue(4);
  queue.push(1).value();
  queue.close();
  auto item = queue.lease().value();
  REQUIRE(item);
  os::Child waiting = in_child([&] { return queue.pop().value() == 1; });
  wait_until_it_sleeps(waiting);
  item.reset();
  CHECK(ends_well(waiting));

  Numbers other(4);
  other.push(1).value();
  other.close();
  auto done = other.lease().value();
  REQUIRE(done);
  os::Child last = in_child([&] { return !other.pop().value().has_value(); });
  wait_until_it_sleeps(last);
  CHECK(done->done());
  CHECK(ends_well(last));
}

TEST_CASE("an item in hand outlives the queue's object") {
  auto queue = std::make_unique<Numbers>(1);
  queue->push(1).value();
  auto item = queue->lease().value();
  queue.reset();
  REQUIRE(item);
  CHECK(**item == 1);
  CHECK(item->done());
}

TEST_CASE("a storm of signals disturbs nobody") {
  Numbers queue(3);
  const auto storm = [] {
    struct sigaction action {};
    action.sa_handler = [](int) {};  // without SA_RESTART
    ::sigaction(SIGALRM, &action, nullptr);
    const itimerval often{{0, 200}, {0, 200}};
    ::setitimer(ITIMER_REAL, &often, nullptr);
  };
  constexpr int kCount = 20'000;
  os::Child producer = in_child([&] {
    storm();
    for (int i = 0; i < kCount; ++i) queue.push(i).value();
    queue.close();
    return true;
  });
  os::Child consumer = in_child([&] {
    storm();
    int expected = 0;
    while (auto item = queue.lease().value()) {
      if (**item != expected++ || !item->done()) return false;
    }
    return expected == kCount;
  });
  CHECK(ends_well(producer));
  CHECK(ends_well(consumer));
}
