// Combinations by number: jumping is stepping, at any distance.
#include "gen/sources/arrangements.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <set>

#include "gen/sources/range.hpp"

namespace {

using namespace mtask::gen;

Column column(std::uint64_t count) { return Column(IndexedView(std::make_shared<const Range>(0, 1, 0, count))); }

// Every row from stepping is that from jumping, all differ, and there are as many as size() says.
void check_whole(const Arrangements& arrangements) {
  const std::uint64_t size = arrangements.size().value();
  std::set<Positions> seen;
  Positions stepped;
  Positions jumped;
  for (std::uint64_t index = 0; index < size; ++index) {
    arrangements.place(index, jumped);
    if (index == 0) {
      stepped = jumped;
    } else {
      arrangements.advance(stepped);
    }
    RC_ASSERT(stepped == jumped);
    seen.insert(jumped);
  }
  RC_ASSERT(seen.size() == size);
}

TEST_CASE("jumping to a row gives what stepping comes to") {
  CHECK(rc::check([] {
    const auto count = *rc::gen::inRange<std::uint64_t>(0, 7);
    const auto length = *rc::gen::inRange<std::uint64_t>(0, 7);
    check_whole(Product({column(count), column(length), column(3)}));
    check_whole(Permutations(column(count), length));
    check_whole(Combinations(column(count), length, false));
    check_whole(Combinations(column(count), length, true));
    check_whole(Powerset(column(count)));
  }));
}

// From a row far out, too: short lists are walked and long ones searched.
void check_step(const Arrangements& arrangements, std::uint64_t index) {
  Positions stepped;
  Positions jumped;
  arrangements.place(index, stepped);
  arrangements.advance(stepped);
  arrangements.place(index + 1, jumped);
  RC_ASSERT(stepped == jumped);
}

TEST_CASE("so it is far out, in rows beyond counting as well") {
  CHECK(rc::check([] {
    const auto index = *rc::gen::inRange<std::uint64_t>(0, INT64_MAX - 1);
    check_step(Permutations(column(40), 40), index);
    check_step(Permutations(column(1'000'000), 5), index);
    check_step(Combinations(column(70), 35, false), index);
    check_step(Combinations(column(4097), 30, false), index);
    check_step(Combinations(column(1'000'000'000), 3, false), index);
    check_step(Combinations(column(5000), 9, true), index);
    check_step(Powerset(column(80)), index);
    check_step(Product({column(1'000'000'000), column(1'000'000'000), column(1'000'000'000)}), index);
  }));
}

TEST_CASE("sizes are known up to 2^63 - 1") {
  CHECK(Permutations(column(20), 20).size() == 2'432'902'008'176'640'000U);
  CHECK_FALSE(Permutations(column(21), 21).size());
  CHECK(Permutations(column(3), 4).size() == 0U);
  CHECK(Combinations(column(66), 33, false).size() == 7'219'428'434'016'265'740U);
  CHECK_FALSE(Combinations(column(67), 33, false).size());
  CHECK(Combinations(column(2), 3, false).size() == 0U);
  CHECK(Combinations(column(0), 0, true).size() == 1U);
  CHECK(Combinations(column(0), 2, true).size() == 0U);
  CHECK(Powerset(column(62)).size() == std::uint64_t{1} << 62U);
  CHECK_FALSE(Powerset(column(63)).size());
  CHECK_FALSE(Product({column(1U << 31U), column(1U << 31U), column(2)}).size());
  CHECK(Product({column(1U << 31U), column(1U << 31U), column(0)}).size() == 0U);
}

TEST_CASE("an endless list in a product leaves it without an end") {
  const Column endless(IndexedView(std::make_shared<const Range>(0, 1, 0, std::nullopt)));
  const Product product({endless, column(2)});
  CHECK_FALSE(product.size());
  Positions positions;
  product.place(7, positions);
  CHECK(positions == Positions{3, 1});
  product.advance(positions);
  CHECK(positions == Positions{4, 0});
}

}  // namespace
