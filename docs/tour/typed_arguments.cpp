// Calls a function in another process, with arguments of several types.

#include <iostream>
#include <string>
#include <vector>

#include "mtask/process_pool.hpp"

namespace {

// What may be left out, by name.
struct Manner {
  int times = 1;
  bool loud = false;
};

std::string greet(const std::string& name, int age, const std::vector<std::string>& hobbies, Manner manner) {
  std::string text = name + ", " + std::to_string(age);
  for (const std::string& hobby : hobbies) text += ", " + hobby;
  if (manner.loud) text += '!';
  std::string all = text;
  for (int i = 1; i < manner.times; ++i) all += ' ' + text;
  return all;
}

}  // namespace

int main() {
  mtask::process_pool pool(greet, {.workers = 1});
  std::cout << pool.apply("Ada", 36, {"mathematics", "music"}, {}).value() << '\n';
  std::cout << pool.apply("Alan", 41, {}, {.times = 2, .loud = true}).value() << '\n';
}
