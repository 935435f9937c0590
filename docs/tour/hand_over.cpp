// Two tasks hand the processor to each other by name, as greenlets do.

#include <iostream>

#include "mtask/event_loop.hpp"
#include "mtask/scope.hpp"
#include "mtask/switch.hpp"

namespace {

struct Pair {
  mtask::task_ref first;
  mtask::task_ref second;
};

mtask::task<> first(Pair& tasks) {
  std::cout << "first begins\n";
  co_await mtask::switch_to(tasks.second);
  std::cout << "first again\n";
  co_await mtask::switch_to(tasks.second);
  std::cout << "first ends\n";
}

mtask::task<> second(Pair& tasks) {
  std::cout << "second begins\n";
  co_await mtask::switch_to(tasks.first);
  std::cout << "second ends\n";
  mtask::unpark(tasks.first);
}

mtask::task<> run() {
  Pair tasks;
  mtask::scope s("pair");
  tasks.first = s.spawn(first(tasks), "first").ref();
  tasks.second = s.spawn(second(tasks), "second").ref();
  co_await s.join();
}

}  // namespace

int main() { mtask::event_loop().run(run()); }
