// Uses what is installed, and nothing else.

#include <mtask/process_pool.hpp>
#include <mtask/shared_queue.hpp>
#include <string>
#include <vector>

int main() {
  mtask::shared_queue<std::string> queue(4);
  mtask::process_pool<int(std::string)> pool(
      [&](const std::string& text) {
        queue.push(text).value();
        return static_cast<int>(text.size());
      },
      {.workers = 2});
  const bool mapped = pool.map(std::vector<std::string>{"a", "bc"}).value() == std::vector{1, 2};
  queue.close();
  int count = 0;
  while (queue.pop().value()) ++count;
  return mapped && count == 2 && pool.finish() ? 0 : 1;
}
