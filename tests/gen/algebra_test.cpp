// Laws of the combinators, for streams that have numbers and for those that have none.
#include <rapidcheck.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "gen/support.hpp"

namespace {

using namespace mtask::test;
using Values = std::vector<std::string>;

// A stream of `count` different values: by number, and, behind a map, without.
std::string source(int count, bool by_number) {
  if (count == 0) return "words";
  return "range 1 " + std::to_string(count) + (by_number ? "" : " | map x");
}

int any(int most) { return *rc::gen::inRange(0, most + 1); }
bool either() { return *rc::gen::arbitrary<bool>(); }
std::uint64_t any_seed() { return *rc::gen::arbitrary<std::uint32_t>(); }

Values sorted(Values values) {
  std::sort(values.begin(), values.end());
  return values;
}

Values part(const Values& all, std::size_t from, std::size_t count) {
  from = std::min(from, all.size());
  count = std::min(count, all.size() - from);
  return {all.begin() + static_cast<std::ptrdiff_t>(from), all.begin() + static_cast<std::ptrdiff_t>(from + count)};
}

TEST_CASE("take n after skip m is a part of all") {
  CHECK(rc::check([] {
    const std::string from = source(any(700), either());
    const int skipped = any(800);
    const int taken = any(800);
    const Values all = values_of(from);
    const Values some =
        values_of(from + " | skip " + std::to_string(skipped) + " | take " + std::to_string(taken), any_seed());
    RC_ASSERT(some == part(all, static_cast<std::size_t>(skipped), static_cast<std::size_t>(taken)));
  }));
}

TEST_CASE("skips and takes of several stages add up") {
  CHECK(rc::check([] {
    const bool by_number = either();
    std::string pipeline = source(any(600), by_number);
    Values expected = values_of(pipeline);
    for (int stages = 1 + any(3); stages > 0; --stages) {
      const int number = any(300);
      const bool takes = either();
      pipeline += (takes ? " | take " : " | skip ") + std::to_string(number);
      expected = takes ? part(expected, 0, static_cast<std::size_t>(number))
                       : part(expected, static_cast<std::size_t>(number), expected.size());
    }
    RC_ASSERT(values_of(pipeline, any_seed()) == expected);
  }));
}

TEST_CASE("values that no number reaches are an error, not the last one over and over") {
  const Pulled some = pulled("product 1..1e10 1..1e10 | skip 9223372036854775805 | take 5");
  CHECK(some.values == Values{"922337204 6854775806", "922337204 6854775807"});
  CHECK(some.error == "values beyond number 9223372036854775806 cannot be reached");
}

TEST_CASE("every nth value, the nth value") {
  CHECK(rc::check([] {
    const std::string from = source(any(700), either());
    const int stride = 1 + any(30);
    const Values all = values_of(from);
    Values expected;
    for (std::size_t i = 0; i < all.size(); i += static_cast<std::size_t>(stride)) expected.push_back(all[i]);
    RC_ASSERT(values_of(from + " | step " + std::to_string(stride), any_seed()) == expected);
    const int number = any(800);
    RC_ASSERT(values_of(from + " | nth " + std::to_string(number)) == part(all, static_cast<std::size_t>(number), 1));
  }));
}

TEST_CASE("the shards 1/k to k/k are a partition") {
  CHECK(rc::check([] {
    std::string from = source(any(700), either());
    if (either()) from += " | shuffle --seed " + std::to_string(any_seed());
    const int parts = 1 + any(9);
    Values together;
    for (int shard = 1; shard <= parts; ++shard) {
      const Values one =
          values_of(from + " | shard " + std::to_string(shard) + "/" + std::to_string(parts), any_seed());
      together.insert(together.end(), one.begin(), one.end());
    }
    RC_ASSERT(sorted(together) == sorted(values_of(from)));
  }));
}

TEST_CASE("shuffle is a permutation, and the same for the same seed") {
  CHECK(rc::check([] {
    const std::string from = source(any(2000), either());
    const std::string shuffled = from + " | shuffle --seed " + std::to_string(any_seed());
    const Values once = values_of(shuffled, any_seed());
    RC_ASSERT(once == values_of(shuffled, any_seed()));
    RC_ASSERT(sorted(once) == sorted(values_of(from)));
  }));
}

TEST_CASE("sort orders and loses nothing") {
  CHECK(rc::check([] {
    const std::string from = source(any(700), either()) + " | shuffle --seed " + std::to_string(any_seed());
    const Values values = values_of(from + " | sort", any_seed());
    RC_ASSERT(sorted(values) == sorted(values_of(from)));
    RC_ASSERT(std::is_sorted(values.begin(), values.end(),
                             [](const std::string& a, const std::string& b) { return std::stoi(a) < std::stoi(b); }));
    Values backwards = values;
    std::reverse(backwards.begin(), backwards.end());
    RC_ASSERT(values_of(from + " | sort --reverse", any_seed()) == backwards);
  }));
}

TEST_CASE("batches hold all values, windows each neighbourhood") {
  CHECK(rc::check([] {
    const int count = any(300);
    const int size = 1 + any(20);
    const std::string from = source(count, either());
    const Values all = values_of(from);
    std::string joined;
    for (const std::string& batch : values_of(from + " | batch " + std::to_string(size), any_seed()))
      joined += batch + " ";
    std::string expected;
    for (const std::string& value : all) expected += value + " ";
    RC_ASSERT(joined == expected);
    const auto windows = values_of(from + " | window " + std::to_string(size), any_seed());
    RC_ASSERT(static_cast<int>(windows.size()) == std::max(0, count - size + 1));
    for (std::size_t i = 0; i < windows.size(); ++i) RC_ASSERT(windows[i].starts_with(all[i]));
  }));
}

TEST_CASE("filter and its opposite are a partition") {
  CHECK(rc::check([] {
    const std::string from = source(any(700), either());
    const std::string test = "x%" + std::to_string(1 + any(9)) + "==0";
    Values values = values_of(from + " | filter " + test, any_seed());
    const Values others = values_of(from + " | filter 'not (" + test + ")'", any_seed());
    values.insert(values.end(), others.begin(), others.end());
    RC_ASSERT(sorted(values) == sorted(values_of(from)));
  }));
}

TEST_CASE("merge, chain and interleave lose and invent nothing") {
  CHECK(rc::check([] {
    const std::string a = source(any(400), either());
    const std::string b = source(any(400), either()) + " | label b";
    Values expected = values_of(a);
    const Values more = values_of(b);
    expected.insert(expected.end(), more.begin(), more.end());
    const std::string operands = " \"" + a + "\" \"" + b + "\"";
    RC_ASSERT(values_of("chain" + operands, any_seed()) == expected);
    RC_ASSERT(sorted(values_of("merge" + operands, any_seed())) == sorted(expected));
    RC_ASSERT(sorted(values_of("interleave" + operands, any_seed())) == sorted(expected));
    RC_ASSERT(sorted(values_of("switch" + operands, any_seed())) == sorted(expected));
  }));
}

TEST_CASE("zip is as long as its shortest") {
  CHECK(rc::check([] {
    const int a = any(300);
    const int b = any(300);
    const Values rows = values_of("zip \"" + source(a, either()) + "\" \"" + source(b, either()) + "\"", any_seed());
    RC_ASSERT(static_cast<int>(rows.size()) == std::min(a, b));
    for (std::size_t i = 0; i < rows.size(); ++i)
      RC_ASSERT(rows[i] == std::to_string(i + 1) + " " + std::to_string(i + 1));
  }));
}

TEST_CASE("count and sum are what all values come to") {
  CHECK(rc::check([] {
    const int count = any(700);
    const std::string from = source(count, either());
    RC_ASSERT(values_of(from + " | count") == Values{std::to_string(count)});
    RC_ASSERT(values_of(from + " | sum") == Values{std::to_string(count * (count + 1) / 2)});
  }));
}

TEST_CASE("uniq leaves no equal neighbours, uniq --all no equals") {
  CHECK(rc::check([] {
    const std::string from = source(any(500), either()) + " | map x//" + std::to_string(1 + any(5)) + "%7";
    const Values all = values_of(from);
    Values expected = all;
    expected.erase(std::unique(expected.begin(), expected.end()), expected.end());
    RC_ASSERT(values_of(from + " | uniq", any_seed()) == expected);
    Values once = sorted(all);
    once.erase(std::unique(once.begin(), once.end()), once.end());
    RC_ASSERT(sorted(values_of(from + " | uniq --all", any_seed())) == once);
  }));
}

TEST_CASE("a sample is of the values, each at most once, in their order") {
  CHECK(rc::check([] {
    const int count = any(400);
    const int size = any(60);
    const Values values = values_of(source(count, either()) + " | sample " + std::to_string(size) + " --seed " +
                                    std::to_string(any_seed()));
    RC_ASSERT(static_cast<int>(values.size()) == std::min(count, size));
    RC_ASSERT(std::is_sorted(values.begin(), values.end(),
                             [](const std::string& a, const std::string& b) { return std::stoi(a) < std::stoi(b); }));
    RC_ASSERT(std::adjacent_find(values.begin(), values.end()) == values.end());
  }));
}

}  // namespace
