#include "mtask/channel.hpp"

#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "coro/support.hpp"

using namespace mtask;
using test::Log;
using test::run;

namespace {

task<> send_all(channel<int>& to, int first, int count) {
  for (int i = 0; i < count; ++i) CHECK(co_await to.send(first + i));
}

task<> send_logged(channel<int>& to, int value, Log& log) {
  try {
    const bool sent = co_await to.send(value);
    log.push_back((sent ? "sent " : "refused ") + std::to_string(value));
  } catch (const cancelled&) {
    log.push_back("cancelled " + std::to_string(value));
    throw;
  }
}

task<> receive_logged(channel<int>& from, std::string name, Log& log) {
  try {
    const std::optional<int> value = co_await from.receive();
    log.push_back(name + (value ? " got " + std::to_string(*value) : " got none"));
  } catch (const cancelled&) {
    log.push_back(name + " cancelled");
    throw;
  }
}

}  // namespace

TEST_CASE("values come out in the order in which they were sent, however small the buffer") {
  const auto main = [](std::size_t capacity) -> task<std::vector<int>> {
    channel<int> ch(capacity);
    std::vector<int> got;
    scope s;
    const auto produce = [](channel<int>& to) -> task<> {
      co_await send_all(to, 0, 100);
      to.close();
    };
    s.spawn(produce(ch));
    while (const std::optional<int> value = co_await ch.receive()) {
      got.push_back(*value);
      CHECK(ch.size() <= capacity);
    }
    co_await s.join();
    co_return got;
  };
  for (const std::size_t capacity : {1U, 2U, 7U, 1000U}) {
    const auto got = run(main(capacity));
    REQUIRE(got.size() == 100);
    for (int i = 0; i < 100; ++i) REQUIRE(got[static_cast<std::size_t>(i)] == i);
  }
  CHECK_THROWS_AS(channel<int>(0), std::invalid_argument);
}

TEST_CASE("who has waited longest is served first, sending and receiving") {
  const auto main = [](Log& log) -> task<> {
    channel<int> ch(1);
    scope s;
    for (const char* name : {"a", "b", "c"}) s.spawn(receive_logged(ch, name, log));
    co_await yield();
    for (int i = 0; i < 3; ++i) CHECK(co_await ch.send(i));
    // Handed over already: nobody who comes now gets ahead.
    s.spawn(receive_logged(ch, "late", log));
    co_await yield();
    CHECK(co_await ch.send(3));
    co_await s.join();
    for (int i = 4; i < 7; ++i) s.spawn(send_logged(ch, i, log));
    co_await yield();
    for (int i = 4; i < 7; ++i) CHECK(co_await ch.receive() == i);
    co_await s.join();
  };
  Log log;
  run(main(log));
  CHECK(log == Log{"a got 0", "b got 1", "c got 2", "late got 3", "sent 4", "sent 5", "sent 6"});
}

TEST_CASE("after a close what is in the buffer can be received, and nothing comes in") {
  const auto main = [](Log& log) -> task<> {
    channel<int> ch(2);
    CHECK(co_await ch.send(1));
    CHECK(co_await ch.send(2));
    scope s;
    s.spawn(send_logged(ch, 3, log));
    co_await yield();
    ch.close();
    ch.close();
    CHECK(ch.is_closed());
    co_await s.join();
    CHECK_FALSE(co_await ch.send(4));
    CHECK(co_await ch.receive() == 1);
    CHECK(co_await ch.receive() == 2);
    CHECK(co_await ch.receive() == std::nullopt);
    CHECK(co_await ch.receive() == std::nullopt);
  };
  Log log;
  run(main(log));
  CHECK(log == Log{"refused 3"});
}

TEST_CASE("a close wakes all receivers") {
  const auto main = [](Log& log) -> task<> {
    channel<int> ch(1);
    scope s;
    s.spawn(receive_logged(ch, "a", log));
    s.spawn(receive_logged(ch, "b", log));
    co_await yield();
    ch.close();
    co_await s.join();
  };
  Log log;
  run(main(log));
  CHECK(log == Log{"a got none", "b got none"});
}

TEST_CASE("cancelled senders and receivers leave the channel to the others") {
  const auto main = [](Log& log) -> task<> {
    channel<int> ch(1);
    scope gone("gone");
    scope stay("stay");
    gone.spawn(receive_logged(ch, "gone", log));
    stay.spawn(receive_logged(ch, "stay", log));
    co_await yield();
    gone.cancel();
    CHECK(co_await ch.send(1));
    co_await gone.join();
    co_await stay.join();
    CHECK(co_await ch.send(2));
    scope senders("senders");
    senders.spawn(send_logged(ch, 3, log));
    co_await yield();
    senders.cancel();
    co_await senders.join();
    CHECK(co_await ch.receive() == 2);
    CHECK(ch.size() == 0);
  };
  Log log;
  run(main(log));
  CHECK(log == Log{"gone cancelled", "stay got 1", "cancelled 3"});
}

TEST_CASE("a value that was handed over before the cancelling is not lost") {
  const auto main = [](Log& log) -> task<> {
    channel<int> ch(1);
    scope s;
    s.spawn(receive_logged(ch, "a", log));
    co_await yield();
    CHECK(co_await ch.send(5));
    s.cancel();
    co_await s.join();
  };
  Log log;
  run(main(log));
  CHECK(log == Log{"a got 5"});
}

TEST_CASE("values may be move-only") {
  const auto main = []() -> task<int> {
    channel<std::unique_ptr<int>> ch(1);
    auto first = std::make_unique<int>(4);
    co_await ch.send(std::move(first));
    auto got = co_await ch.receive();
    co_return **got;
  };
  CHECK(run(main()) == 4);
}

TEST_CASE("tasks that wait for a channel may be destroyed after it") {
  const auto main = [](Log& log) -> task<> {
    scope s;
    channel<int> ch(1);
    s.spawn(receive_logged(ch, "a", log));
    s.spawn(receive_logged(ch, "b", log));
    co_await yield();
    throw std::runtime_error("left");
  };
  Log log;
  CHECK_THROWS_WITH(run(main(log)), "left");
}
