// What waits in a task is awaited, by what it is called: a child, a pipe, a signal of time. What cannot be awaited goes
// to a helper thread, and what blocks all the same is told of: without_patching

#include <chrono>
#include <cstddef>
#include <iostream>
#include <span>
#include <string>
#include <thread>

#include <unistd.h>

#include "mtask/event_loop.hpp"
#include "mtask/io.hpp"
#include "mtask/offload.hpp"
#include "mtask/scope.hpp"
#include "mtask/sleep.hpp"
#include "mtask/when.hpp"

namespace {

using namespace std::chrono_literals;

mtask::task<std::string> child() {
  const int pid = ::fork();
  if (pid == 0) ::_exit(::usleep(30'000) == 0 ? 3 : 4);
  const auto status = co_await mtask::child_exit(pid);
  co_return "child ended with " + std::to_string(status.value() >> 8);
}

mtask::task<> say(int to) {
  co_await mtask::sleep_for(20ms);
  const std::string text = "hello";
  const auto written = co_await mtask::write_all(to, std::as_bytes(std::span(text)));
  written.value();
}

mtask::task<std::string> hear(int from) {
  std::string text(100, '\0');
  const auto count = co_await mtask::read_some(from, std::as_writable_bytes(std::span(text)));
  co_return "heard " + text.substr(0, count.value());
}

mtask::task<std::string> slow_call() {
  const auto call = [] {
    std::this_thread::sleep_for(10ms);  // a library that knows nothing of tasks
    return std::string("slow call done");
  };
  co_return co_await mtask::offload(call);
}

mtask::task<std::string> impolite() {
  std::this_thread::sleep_for(120ms);
  co_return "this one kept all others waiting";
}

mtask::task<> run() {
  int ends[2];
  if (::pipe(ends) != 0) co_return;
  const auto all = co_await mtask::when_all(child(), hear(ends[0]), slow_call(), say(ends[1]));
  std::cout << std::get<0>(all) << '\n' << std::get<1>(all) << '\n' << std::get<2>(all) << std::endl;
  mtask::scope s("impolite");
  const auto print = [](mtask::task<std::string> what) -> mtask::task<> {
    const std::string text = co_await std::move(what);
    std::cout << text << std::endl;
  };
  s.spawn(print(impolite()), "impolite");
  co_await s.join();
}

}  // namespace

int main() {
  mtask::event_loop loop;
  loop.on_blocked([](std::string_view task, std::chrono::nanoseconds) {
    std::cout << "warning: task '" << task << "' blocked the loop" << std::endl;
  });
  loop.run(run());
}
