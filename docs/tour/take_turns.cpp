// Two tasks take turns, each sleeping a while in its turn, and neither waits for the other's sleep: take_turns
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

mtask::task<> work(std::string name, int times, std::chrono::milliseconds pause) {
  for (int i = 1; i <= times; ++i) {
    std::cout << name << ' ' << i << std::endl;
    co_await mtask::sleep_for(pause);
  }
}

mtask::task<> both(std::chrono::milliseconds pause) {
  mtask::scope s("both");
  s.spawn(work("first", 3, pause), "first");
  s.spawn(work("second", 3, pause), "second");
  co_await s.join();
}

}  // namespace

int main(int argc, char** argv) {
  const std::chrono::milliseconds pause(argc > 1 ? std::atoi(argv[1]) : 500);
  const auto start = Clock::now();
  mtask::event_loop().run(both(pause));
  // Each slept three times; one after the other that were six pauses.
  const auto time = Clock::now() - start;
  std::cout << "3 pauses or more: " << (time >= 3 * pause ? "yes" : "no") << '\n';
  std::cerr << std::chrono::duration_cast<std::chrono::milliseconds>(time).count() << " ms\n";
}
