// coro_bench WHAT [COUNT]: what coroutines cost on this machine; prints one line of JSON.
//   generator  ns for an element              batch     ns for a value
//   span       ns for a value of batches that are yielded as a whole
//   yield      ns for a switch between two    sleepers  bytes for a sleeping task, all told
//   wake       ns of CPU for a wake-up among COUNT sleepers that sleep again and again
//   tick       lateness in µs of COUNT wake-ups, one each ms
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <span>
#include <string_view>
#include <vector>

#include "mtask/batch_generator.hpp"
#include "mtask/event_loop.hpp"
#include "mtask/generator.hpp"
#include "mtask/scope.hpp"
#include "mtask/sleep.hpp"

namespace {

using namespace mtask;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) { return std::chrono::duration<double, std::nano>(Clock::now() - start).count(); }

double cpu_time() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

double peak_bytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024;
}

// xorshift64 (Marsaglia 2003): costs next to nothing.
std::uint64_t random_number() {
  static std::uint64_t state = 88172645463325252ULL;
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

generator<std::uint64_t> numbers(std::uint64_t end) {
  for (std::uint64_t i = 0; i < end; ++i) co_yield i;
}
batch_generator<std::uint64_t> batches(std::uint64_t end) {
  for (std::uint64_t i = 0; i < end; ++i) co_yield i;
}
batch_generator<std::uint64_t> spans(std::uint64_t end) {
  std::vector<std::uint64_t> some(1024);
  for (std::uint64_t i = 0, many = 0; i < end; i += many) {
    many = std::min<std::uint64_t>(some.size(), end - i);
    std::iota(some.begin(), some.begin() + static_cast<std::ptrdiff_t>(many), i);
    co_yield std::span<const std::uint64_t>(some.data(), many);
  }
}

task<> turns(long count) {
  for (long i = 0; i < count; ++i) co_await yield();
}
task<> two_yield(long count) {
  scope s;
  s.spawn(turns(count));
  s.spawn(turns(count));
  co_await s.join();
}

task<> sleeper() { co_await sleep_for(1h); }
task<double> sleepers(long count) {
  const double before = peak_bytes();
  scope s;
  for (long i = 0; i < count; ++i) s.spawn(sleeper(), "sleeper");
  co_await sleep_for(1ms);
  const double bytes = (peak_bytes() - before) / static_cast<double>(count);
  std::printf("{\"what\": \"sleepers\", \"count\": %ld, \"bytes\": %.1f}\n", count, bytes);
  std::fflush(stdout);
  ::_exit(0);
}

constexpr int kRounds = 5;
task<> dozes(std::uint64_t most, long& wakes) {
  for (;; ++wakes) co_await sleep_for(std::chrono::nanoseconds(random_number() % most));
}
task<double> wake(long count) {
  scope s;
  // About as fast as they can be served.
  const auto most = static_cast<std::uint64_t>(count) * 200;
  long wakes = 0;
  for (long i = 0; i < count; ++i) s.spawn(dozes(most, wakes), "sleeper");
  co_await yield();
  const long before = wakes;
  const double start = cpu_time();
  while (wakes < count * kRounds) co_await sleep_for(1ms);
  const double each = (cpu_time() - start) / static_cast<double>(wakes - before);
  std::printf("{\"what\": \"wake\", \"count\": %ld, \"ns\": %.2f}\n", count, each);
  std::fflush(stdout);
  ::_exit(0);
}

task<> tick(long count, std::vector<double>& late) {
  auto next = Clock::now();
  for (long i = 0; i < count; ++i) {
    next += 1ms;
    co_await sleep_until(next);
    late.push_back(since(next) / 1000);
  }
}

void print(std::string_view what, long count, double ns) {
  std::printf("{\"what\": \"%s\", \"count\": %ld, \"ns\": %.2f}\n", what.data(), count, ns);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) return 2;
  const std::string_view what = argv[1];
  const auto count = [&](long usual) { return argc == 3 ? std::atol(argv[2]) : usual; };
  const auto start = Clock::now();
  if (what == "generator" || what == "batch" || what == "span") {
    const long many = count(200'000'000);
    std::uint64_t sum = 0;
    if (what == "generator") {
      for (const std::uint64_t value : numbers(static_cast<std::uint64_t>(many))) sum += value;
    } else {
      const auto end = static_cast<std::uint64_t>(many);
      for (const auto some : what == "batch" ? batches(end) : spans(end)) {
        for (const std::uint64_t value : some) sum += value;
      }
    }
    print(what, many, since(start) / static_cast<double>(many));
    return sum == static_cast<std::uint64_t>(many) * static_cast<std::uint64_t>(many - 1) / 2 ? 0 : 1;
  }
  event_loop loop;
  if (what == "yield") {
    const long many = count(50'000'000);
    loop.run(two_yield(many));
    print(what, many, since(start) / (2 * static_cast<double>(many)));
  } else if (what == "sleepers") {
    loop.run(sleepers(count(6'000'000)));
  } else if (what == "wake") {
    const long many = count(1'000'000);
    loop.run(wake(many));
  } else if (what == "tick") {
    std::vector<double> late;
    const long many = count(5000);
    loop.run(tick(many, late));
    std::sort(late.begin(), late.end());
    std::printf("{\"what\": \"tick\", \"count\": %ld, \"p50\": %.1f, \"p99\": %.1f, \"max\": %.1f}\n", many,
                late[late.size() / 2], late[late.size() * 99 / 100], late.back());
  } else {
    return 2;
  }
}
