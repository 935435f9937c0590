#include "coro/wake_pace.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "coro/support.hpp"
#include "mtask/io.hpp"

using namespace mtask;
using namespace std::chrono_literals;
using detail::wake_pace;
using std::chrono::steady_clock;

namespace {

// Ten looks, `each` woken at each of them.
wake_pace after_looks(std::int64_t apart, std::size_t each) {
  wake_pace pace;
  for (std::int64_t i = 1; i <= 10; ++i) pace.woke(i * apart, each, true);
  return pace;
}

task<> naps(int count, int& early) {
  for (int i = 0; i < count; ++i) {
    const auto time = std::chrono::microseconds((i * 7919) % 40);
    const auto before = steady_clock::now();
    co_await sleep_for(time);
    if (steady_clock::now() < before + time) ++early;
  }
}

task<> write_bytes(int fd, int count) {
  for (int i = 0; i < count; ++i) {
    const std::byte byte{1};
    co_await write_all(fd, std::span(&byte, 1));
  }
}

task<> read_bytes(int fd, int count, int& got) {
  while (got < count) {
    std::byte byte{};
    const auto some = co_await read_some(fd, std::span(&byte, 1));
    if (!some || *some == 0) co_return;
    ++got;
  }
}

}  // namespace

TEST_CASE("only those who wake by the million a second gather") {
  CHECK_FALSE(after_looks(wake_pace::kGather, 10).gathers());
  CHECK_FALSE(after_looks(1'000'000, 64).gathers());
  CHECK(after_looks(wake_pace::kGather, 100).gathers());
  CHECK(after_looks(10'000, 20).gathers());
}

TEST_CASE("nobody gathers while others are due, nor twice without a look at them") {
  wake_pace pace = after_looks(wake_pace::kGather, 100);
  CHECK(pace.gathers());
  CHECK_FALSE(pace.gathers());
  pace.woke(11 * wake_pace::kGather, 100, false);
  CHECK_FALSE(pace.gathers());
  pace.woke(11 * wake_pace::kGather, 30, true);
  CHECK(pace.gathers());
  pace.woke(100 * wake_pace::kGather, 30, true);
  CHECK_FALSE(pace.gathers());
}

TEST_CASE("a crowd of short sleepers wakes whole, none early, and others are served meanwhile") {
  const auto main = [](int& early, int& got) -> task<> {
    const test::Pipe pipe = test::make_pipe(O_NONBLOCK);
    scope s;
    for (int i = 0; i < 100; ++i) s.spawn(naps(300, early));
    s.spawn(write_bytes(pipe.writer.get(), 20));
    s.spawn(read_bytes(pipe.reader.get(), 20, got));
    co_await s.join();
  };
  int early = 0;
  int got = 0;
  test::run(main(early, got));
  CHECK(early == 0);
  CHECK(got == 20);
}
