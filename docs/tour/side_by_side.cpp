// Two tasks tick side by side, one five times and one three times; all is over when the longer one is: side_by_side
// [MILLISECONDS]

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>

#include "mtask/event_loop.hpp"
#include "mtask/scope.hpp"
#include "mtask/sleep.hpp"

namespace {

using Clock = std::chrono::steady_clock;

// By points in time, not by pauses: the work in between makes no tick later.
mtask::task<> tick(int times, Clock::duration every) {
  auto next = Clock::now();
  for (int i = 1; i <= times; ++i) {
    next += every;
    co_await mtask::sleep_until(next);
    std::cout << co_await mtask::this_task::name() << ' ' << i << std::endl;
  }
}

mtask::task<> run(Clock::duration every) {
  mtask::scope s("ticks");
  s.spawn(tick(5, every), "five");
  s.spawn(tick(3, every), "three");
  co_await s.join();
}

}  // namespace

int main(int argc, char** argv) {
  const auto start = Clock::now();
  mtask::event_loop().run(run(std::chrono::milliseconds(argc > 1 ? std::atoi(argv[1]) : 2000)));
  std::cerr << std::chrono::duration<double>(Clock::now() - start).count() << " s\n";
}
