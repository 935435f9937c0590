// Fibonacci's numbers by co_yield, and a return value at their end: fibonacci [COUNT]

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <utility>

#include "mtask/generator.hpp"

namespace {

mtask::generator<std::uint64_t, std::string> fibonacci(int count) {
  std::uint64_t a = 0;
  std::uint64_t b = 1;
  for (int i = 0; i < count; ++i) {
    co_yield b;
    if (__builtin_add_overflow(a, b, &a)) co_return "the next one has more than 64 bits";
    std::swap(a, b);
  }
  co_return "ok";
}

}  // namespace

int main(int argc, char** argv) {
  auto numbers = fibonacci(argc > 1 ? std::atoi(argv[1]) : 10);
  for (const std::uint64_t number : numbers) std::cout << number << '\n';
  std::cout << "returned: " << numbers.result() << '\n';
}
