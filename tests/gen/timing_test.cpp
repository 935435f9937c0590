#include <catch2/catch.hpp>
#include <chrono>

#include "gen/live_support.hpp"

using namespace mtask;
using Values = std::vector<std::string>;
using namespace std::chrono_literals;
using test::collect;

namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

TEST_CASE("ticks count from 0, and the first comes after an interval") {
  const auto start = Clock::now();
  CHECK(collect("tick 20ms --count 4", {}, 1).values == Values{"0", "1", "2", "3"});
  CHECK(Clock::now() - start >= 80ms);
  CHECK(collect("tick 20ms --count 0").values.empty());
}

TEST_CASE("ticks that were missed come all, in one go") {
  const auto start = Clock::now();
  const auto all = collect("tick 1us --count 20000");
  REQUIRE(all.values.size() == 20'000);
  CHECK(all.values.back() == "19999");
  CHECK(Clock::now() - start >= 20ms);
}

TEST_CASE("jitter delays ticks and loses none") {
  const auto all = collect("tick 1ms --jitter 5ms --seed 3 --count 50", {}, 1);
  REQUIRE(all.values.size() == 50);
  for (std::size_t i = 0; i < all.values.size(); ++i) CHECK(all.values[i] == std::to_string(i));
}

TEST_CASE("no interval is refused, with its place") {
  CHECK(collect("tick 0").error == "tick: '0' is no interval\n  tick 0\n       ^");
  CHECK(collect("tick x").error->starts_with("tick: 'x' is not a duration"));
  CHECK(collect("1..3 | rate fast").error->starts_with("rate: 'fast' is not a rate"));
  CHECK(collect("1..3 | timeout").error->starts_with("timeout: 'timeout' needs a time"));
  CHECK(collect("1..3 | timeout 0").error->starts_with("timeout: '0' leaves no time"));
}

TEST_CASE("a rate spreads values evenly over the time, the first at once") {
  const auto start = Clock::now();
  CHECK(collect("1..5 | rate 50/s").values == Values{"1", "2", "3", "4", "5"});
  CHECK(Clock::now() - start >= 80ms);
  CHECK(collect("1..5 | rate 1/h --burst 5").values.size() == 5);
  CHECK(collect("range 1 100000 | rate 1e9/s").values.size() == 100'000);
}

TEST_CASE("values go one by one, as far as their times can be told apart") {
  gen::Runtime runtime;
  auto parsed = gen::parse_text("1..5 | rate 1000/s");
  REQUIRE(parsed);
  auto built = gen::build(*parsed, runtime);
  REQUIRE(built);
  const auto pulls = [](gen::StreamPtr stream) -> task<std::vector<std::size_t>> {
    std::vector<std::size_t> sizes;
    gen::Batch batch;
    for (;;) {
      static_cast<void>(co_await stream->pull(batch, 512));
      if (batch.empty()) break;
      sizes.push_back(batch.size());
    }
    co_await stream->close();
    co_return sizes;
  };
  CHECK((*built)->live());
  CHECK(event_loop().run(pulls(*std::move(built))) == std::vector<std::size_t>{1, 1, 1, 1, 1});
}

TEST_CASE("delay shifts values, and keeps their distances and order") {
  auto start = Clock::now();
  CHECK(collect("tick 10ms --count 5 | delay 100ms").values == Values{"0", "1", "2", "3", "4"});
  CHECK(Clock::now() - start >= 150ms);
  CHECK(Clock::now() - start < 500ms);
  start = Clock::now();
  CHECK(collect("1..3 | delay 50ms").values == Values{"1", "2", "3"});
  CHECK(Clock::now() - start >= 50ms);
}

TEST_CASE("a failure is delayed like a value") {
  const auto all = collect("chain 'tick 1ms --count 2' 'lines /nonexistent' | delay 20ms");
  CHECK(all.values == Values{"0", "1"});
  CHECK(all.error == "lines: cannot open '/nonexistent': No such file or directory");
}

TEST_CASE("timeout fails when a value is too long in coming, after those that came") {
  const auto all = collect("chain 'tick 1ms --count 2' 'tick 1h' | timeout .2s");
  CHECK(all.values == Values{"0", "1"});
  CHECK(all.error == "timeout: no value came within .2s");
  CHECK_FALSE(collect("tick 1ms --count 5 | timeout 10s").error);
}

TEST_CASE("timeout of the whole fails though each value comes in time") {
  const auto all = collect("tick 20ms | timeout 10s --total 110ms");
  CHECK(all.error == "timeout: not at its end after 110ms");
  CHECK_FALSE(all.values.empty());
  CHECK_FALSE(collect("1..3 | timeout --total 10s").error);
}

TEST_CASE("cron lists times without waiting when asked to") {
  CHECK(collect("cron '0 12 * * *' --list --count 2").values.size() == 2);
  CHECK(collect("cron 0 0 1 1 * --from 2024-01-01 --count 2").values.size() == 2);
  CHECK(collect("cron '0 0 31 2 *'").error->starts_with("cron: '0 0 31 2 *' never comes"));
  CHECK(collect("cron '1 2 3'").error->starts_with("cron: '1 2 3' has 3 fields instead of 5"));
  CHECK(collect("cron @daily --from tomorrow").error->starts_with("cron: 'tomorrow' is no time"));
}
