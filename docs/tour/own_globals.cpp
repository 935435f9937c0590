// Each process has its own globals: a copy of what was there at the fork.

#include <iostream>
#include <vector>

#include "mtask/process_pool.hpp"

namespace {

std::vector<int> numbers{0};

std::vector<int> add(int number) {
  numbers.push_back(number);
  return numbers;
}

void print(const char* who, const std::vector<int>& values) {
  std::cout << who << ':';
  for (const int value : values) std::cout << ' ' << value;
  std::cout << '\n';
}

}  // namespace

int main() {
  mtask::process_pool first(add, {.workers = 1});
  mtask::process_pool second(add, {.workers = 1});
  print("first worker", first.apply(1).value());
  print("first worker", first.apply(2).value());
  print("second worker", second.apply(3).value());
  print("main", numbers);
}
