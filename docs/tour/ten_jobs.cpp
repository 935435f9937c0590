// Ten jobs of random length, done by three workers: ten_jobs [MOST_MILLISECONDS]

#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <random>
#include <thread>

#include "mtask/process_pool.hpp"

namespace {

using Milliseconds = std::chrono::milliseconds;

Milliseconds::rep since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

int main(int argc, char** argv) {
  const int most = argc > 1 ? std::atoi(argv[1]) : 5000;
  const auto work = [most](int job) {
    const auto start = std::chrono::steady_clock::now();
    std::cout << "job " << job << " started, pid " << ::getpid() << std::endl;
    std::this_thread::sleep_for(Milliseconds(std::random_device()() % static_cast<unsigned>(most + 1)));
    std::cout << "job " << job << " done in " << since(start) << " ms" << std::endl;
    return since(start);
  };
  const auto start = std::chrono::steady_clock::now();
  mtask::process_pool<Milliseconds::rep(int)> pool(work, {.workers = 3});
  const auto times = pool.map(std::array{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  if (!times) {
    std::cerr << times.error().message() << '\n';
    return 1;
  }
  Milliseconds::rep sum = 0;
  for (const auto time : *times) sum += time;
  std::cout << "all done in " << since(start) << " ms; one after the other: " << sum << " ms\n";
}
