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

// Looks for 10 ms, `each` woken at each of them.
wake_pace after_looks(std::int64_t apart, std::size_t each) {
  wake_pace pace;
  for (std::int64_t now = apart; now <= 10'000'000; now += apart) pace.woke(now, each, true);
  return pace;
}

task<> naps(int count, int& early, int& left) {
  for (int i = 0; i < count; ++i) {
    const auto time = std::chrono::microseconds((i * 7919) % 40);
    const auto before = steady_clock::now();
    co_await sleep_for(time);
    if (steady_clock::now() < before + time) ++early;
  }
  --left;
}

task<> write_bytes(int fd, int count) {
  for (int i = 0; i < count; ++i) {
    const std::byte byte{1};
    const auto written = co_await write_all(fd, std::span(&byte, 1));
    if (!written) co_return;
  }
}

task<> read_bytes(int fd, int count, const int& left, int& left_when_read) {
  for (int got = 0; got < count; ++got) {
    std::byte byte{};
    const auto some = co_await read_some(fd, std::span(&byte, 1));
    if (!some || *some == 0) co_return;
  }
  left_when_read = left;
}

}  // namespace

TEST_CASE("only those who wake by the million a second gather") {
  CHECK_FALSE(after_looks(wake_pace::kGather, 10).gathers());
  CHECK_FALSE(after_looks(wake_pace::kGather, 49).gathers());
  CHECK(after_looks(wake_pace::kGather, 50).gathers());
  CHECK(after_looks(10'000, 20).gathers());
  CHECK_FALSE(after_looks(2'000'000, 200).gathers());
}

TEST_CASE("nobody gathers while others are due, nor twice without a look at them") {
  wake_pace pace = after_looks(wake_pace::kGather, 100);
  CHECK(pace.gathers());
  CHECK_FALSE(pace.gathers());
  pace.woke(10'000'001, 100, false);
  CHECK_FALSE(pace.gathers());
  pace.woke(10'000'002, 30, true);
  CHECK(pace.gathers());
  pace.woke(20'000'000, 30, true);
  CHECK_FALSE(pace.gathers());
}

TEST_CASE("a crowd of short sleepers wakes whole, none early, and others are served meanwhile") {
  const auto main = [](int& early, int& left, int& left_when_read) -> task<> {
    const test::Pipe pipe = test::make_pipe(O_NONBLOCK);
    scope s;
    for (int i = 0; i < 100; ++i) s.spawn(naps(300, early, left));
    s.spawn(write_bytes(pipe.writer.get(), 20));
    s.spawn(read_bytes(pipe.reader.get(), 20, left, left_when_read));
    co_await s.join();
  };
  int early = 0;
  int left = 100;
  int left_when_read = 0;
  test::run(main(early, left, left_when_read));
  CHECK(early == 0);
  CHECK(left == 0);
  CHECK(left_when_read > 0);
}
