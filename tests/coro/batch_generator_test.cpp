#include "mtask/batch_generator.hpp"

#include <catch2/catch.hpp>
#include <cstddef>
#include <ranges>
#include <span>
#include <stdexcept>
#include <vector>

using mtask::batch_generator;

namespace {

batch_generator<int> up_to(int end) {
  for (int i = 0; i < end; ++i) co_yield i;
}

batch_generator<int> fails_after(int count) {
  for (int i = 0; i < count; ++i) co_yield i;
  throw std::runtime_error("no more");
}

}  // namespace

static_assert(std::ranges::input_range<batch_generator<int>> && std::ranges::view<batch_generator<int>>);

TEST_CASE("all values come, in order, in full batches but for the last") {
  for (const int end : {0, 1, 1023, 1024, 1025, 5000}) {
    int next = 0;
    std::vector<std::size_t> sizes;
    for (const std::span<const int> some : up_to(end)) {
      sizes.push_back(some.size());
      for (const int value : some) CHECK(value == next++);
    }
    CHECK(next == end);
    for (std::size_t i = 0; i + 1 < sizes.size(); ++i) CHECK(sizes[i] == batch_generator<int>::kBatch);
  }
}

TEST_CASE("values that were yielded before an exception come before it") {
  auto numbers = fails_after(3);
  auto at = numbers.begin();
  CHECK((*at).size() == 3);
  CHECK_THROWS_WITH(++at, "no more");
  CHECK(at == numbers.end());
}

TEST_CASE("values that are yielded as a whole are handed out where they are, in their turn") {
  const auto mixed = [](const std::vector<int>& whole) -> batch_generator<int> {
    co_yield 1;
    co_yield 2;
    co_yield std::span<const int>(whole);
    co_yield std::span<const int>();
    co_yield std::span<const int>(whole);
    co_yield 3;
  };
  const std::vector<int> whole{7, 8, 9};
  std::vector<std::vector<int>> got;
  int in_place = 0;
  for (const std::span<const int> some : mixed(whole)) {
    got.emplace_back(some.begin(), some.end());
    if (some.data() == whole.data()) ++in_place;
  }
  CHECK(got == std::vector<std::vector<int>>{{1, 2}, {7, 8, 9}, {7, 8, 9}, {3}});
  CHECK(in_place == 2);
}

TEST_CASE("an endless batch generator can be left") {
  const auto endless = []() -> batch_generator<double> {
    const std::vector<double> held(1000, 0.5);  // freed, or the leak checker tells
    for (double x = 0;; x += held[0]) co_yield x;
  };
  double sum = 0;
  for (const auto some : endless()) {
    if (some.front() > 1000) break;
    sum += some.front();
  }
  CHECK(sum == 512.0);
}
