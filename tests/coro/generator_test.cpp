#include "mtask/generator.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <iterator>
#include <memory>
#include <ranges>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using mtask::elements_of;
using mtask::generator;

namespace {

generator<int> count_from(int from) {
  for (;; ++from) co_yield from;
}

generator<int> up_to(int end) {
  for (int i = 0; i < end; ++i) co_yield i;
}

generator<int, std::string> with_result() {
  co_yield 1;
  co_yield 2;
  co_return "ok";
}

template <class Range>
std::vector<int> all(Range&& range) {
  std::vector<int> values;
  for (const int value : range) values.push_back(value);
  return values;
}

// Notes its end.
class Witness {
 public:
  Witness(std::vector<int>& ends, int number) : ends_(&ends), number_(number) {}
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;
  ~Witness() { ends_->push_back(number_); }

 private:
  std::vector<int>* ends_;
  int number_;
};

generator<int> nested(std::vector<int>& ends, int depth) {
  const Witness witness(ends, depth);
  co_yield depth;
  if (depth > 0) co_yield elements_of(nested(ends, depth - 1));
}

generator<int> deep(int depth) {
  if (depth > 0) co_yield elements_of(deep(depth - 1));
  co_yield depth;
}

generator<int> fails_after(int count) {
  for (int i = 0; i < count; ++i) co_yield i;
  throw std::runtime_error("no more");
}

}  // namespace

static_assert(std::ranges::input_range<generator<int>> && std::ranges::view<generator<int>>);
static_assert(!std::ranges::forward_range<generator<int>> && !std::copyable<generator<int>>);

TEST_CASE("a generator runs only as far as it is read") {
  int reached = 0;
  const auto steps = [](int& at) -> generator<int> {
    for (;;) co_yield ++at;
  };
  auto numbers = steps(reached);
  CHECK(reached == 0);
  auto at = numbers.begin();
  CHECK(reached == 1);
  ++at;
  CHECK(*at == 2);
  CHECK(reached == 2);
}

// Before its version 16, clang cannot compile the views of libstdc++.
#if !defined(__clang__) || __clang_major__ >= 16
TEST_CASE("a generator goes through standard views") {
  CHECK(all(count_from(1) | std::views::filter([](int i) { return i % 2 == 1; }) |
            std::views::transform([](int i) { return i * 10; }) | std::views::take(3)) == std::vector{10, 30, 50});
}
#endif

TEST_CASE("the result can be read once the sequence has ended, and not before") {
  auto numbers = with_result();
  auto at = numbers.begin();
  CHECK_THROWS_AS(numbers.result(), std::bad_optional_access);
  ++at;
  ++at;
  REQUIRE(at == numbers.end());
  CHECK(numbers.result() == "ok");
}

TEST_CASE("elements_of yields another generator's elements, and gives its result") {
  std::string result;
  const auto outer = [](std::string& got) -> generator<int> {
    co_yield 0;
    got = co_yield elements_of(with_result());
    auto named = up_to(2);
    co_yield elements_of(named);
    const std::vector<int> range{7, 8};
    co_yield elements_of(range);
  };
  CHECK(all(outer(result)) == std::vector{0, 1, 2, 0, 1, 7, 8});
  CHECK(result == "ok");
}

TEST_CASE("elements_of goes on with a generator that has begun, wherever it stands") {
  const auto inner = []() -> generator<int> {
    co_yield 0;
    co_yield elements_of(up_to(3));
    co_yield 9;
  };
  const auto rest = [](generator<int> begun) -> generator<int> { co_yield elements_of(std::move(begun)); };
  auto begun = inner();
  auto at = begun.begin();
  ++at;  // it stands at the 0 of the one inside
  CHECK(all(rest(std::move(begun))) == std::vector{1, 2, 9});
  auto half = inner();
  auto there = half.begin();
  ++there;
  auto left = rest(std::move(half));
  CHECK(*left.begin() == 1);
}

TEST_CASE("an exception comes out where the element was asked for, of nested ones, too") {
  const auto outer = [](bool caught) -> generator<int> {
    try {
      co_yield elements_of(fails_after(1));
    } catch (const std::runtime_error&) {
      if (!caught) throw;
    }
    co_yield 9;
  };
  CHECK(all(outer(true)) == std::vector{0, 9});
  auto failing = outer(false);
  auto at = failing.begin();
  CHECK_THROWS_WITH(++at, "no more");
  CHECK(at == failing.end());
  auto first = fails_after(0);
  CHECK_THROWS_WITH(first.begin(), "no more");
}

TEST_CASE("ending half-way destroys what all nested coroutines hold, innermost first") {
  std::vector<int> ends;
  {
    auto numbers = nested(ends, 3);
    auto at = numbers.begin();
    ++at;
    ++at;
    CHECK(*at == 1);
    CHECK(ends.empty());
  }
  CHECK(ends == std::vector{1, 2, 3});
}

TEST_CASE("a million generators inside each other need no stack, read through or left half-way") {
  constexpr int kDepth = 1'000'000;
  {
    auto numbers = deep(kDepth);
    CHECK(*numbers.begin() == 0);
  }
  long long sum = 0;
  for (const int value : deep(kDepth)) sum += value;
  CHECK(sum == static_cast<long long>(kDepth) * (kDepth + 1) / 2);
}

TEST_CASE("an lvalue that is yielded stays; an rvalue may be moved from") {
  const auto words = [](std::string& kept) -> generator<std::string> {
    co_yield kept;
    co_yield std::string("temporary");
  };
  std::string kept = "kept";
  std::vector<std::string> taken;
  for (auto&& word : words(kept)) taken.push_back(std::forward<decltype(word)>(word));
  CHECK(taken == std::vector<std::string>{"kept", "temporary"});
  CHECK(kept == "kept");
}

TEST_CASE("elements may be move-only, or references into what the coroutine has") {
  const auto owners = []() -> generator<std::unique_ptr<int>> { co_yield std::make_unique<int>(4); };
  for (std::unique_ptr<int> owner : owners()) CHECK(*owner == 4);
  const auto references = [](std::vector<int>& of) -> generator<int&> {
    for (int& one : of) co_yield one;
  };
  std::vector<int> values{1, 2};
  for (int& value : references(values)) value *= 2;
  CHECK(values == std::vector{2, 4});
}

TEST_CASE("a generator that was moved goes on where it was") {
  auto first = count_from(1);
  auto at = first.begin();
  ++at;
  generator<int> second = std::move(first);
  ++at;
  CHECK(*at == 3);
  second = up_to(1);
  CHECK(all(second) == std::vector{0});
}
