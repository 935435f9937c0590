// Uses what is installed, and nothing else.

#include <mtask/channel.hpp>
#include <mtask/event_loop.hpp>
#include <mtask/generator.hpp>
#include <mtask/io.hpp>
#include <mtask/offload.hpp>
#include <mtask/process_pool.hpp>
#include <mtask/scope.hpp>
#include <mtask/shared_queue.hpp>
#include <mtask/switch.hpp>
#include <mtask/sync.hpp>
#include <mtask/when.hpp>
#include <string>
#include <vector>

static mtask::task<int> length(std::string text) {
  const auto size = [&text] { return static_cast<int>(text.size()); };
  co_return co_await mtask::offload(size);
}

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
  const bool awaited = mtask::event_loop().run(length("abc")) == 3;
  return mapped && awaited && count == 2 && pool.finish() ? 0 : 1;
}
