// Two tasks, each with the mutex that the other one waits for: the loop notices, and says who waits for what.

#include <iostream>
#include <string_view>

#include "mtask/event_loop.hpp"
#include "mtask/scope.hpp"
#include "mtask/sleep.hpp"
#include "mtask/sync.hpp"

namespace {

mtask::task<> take(mtask::async_mutex& first, mtask::async_mutex& second) {
  const auto outer = co_await first.lock();
  co_await mtask::yield();
  const auto inner = co_await second.lock();
  std::cout << co_await mtask::this_task::name() << " has both\n";
}

mtask::task<> run(bool in_order) {
  mtask::async_mutex a("a");
  mtask::async_mutex b("b");
  mtask::scope s("two tasks");
  s.spawn(take(a, b), "left");
  s.spawn(in_order ? take(a, b) : take(b, a), "right");
  co_await s.join();
}

}  // namespace

int main(int argc, char** argv) {
  const bool in_order = argc > 1 && std::string_view(argv[1]) == "--in-order";
  try {
    mtask::event_loop().run(run(in_order));
  } catch (const mtask::deadlock& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
