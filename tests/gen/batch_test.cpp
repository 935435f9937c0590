// Batches keep their values whatever is done to them.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "gen/batch.hpp"

namespace {

using namespace mtask::gen;
using Texts = std::vector<std::string>;

Texts texts(const Batch& batch) {
  Texts all(batch.size());
  for (std::size_t i = 0; i < batch.size(); ++i) batch.append_value(i, "|", all[i]);
  return all;
}

// One batch of each kind with the values 1 to 5, or the rows a|1 to a|5.
std::vector<Batch> of_all_kinds() {
  std::vector<Batch> all(4);
  all[0].set_progression(Progression{1, 1, 5}, 0);
  all[1].start_exact(0) = {1, 2, 3, 4, 5};
  all[2].start_reals() = {1, 2, 3, 4, 5};
  all[3].start_rows();
  for (int i = 1; i <= 5; ++i) {
    all[3].add_field("a", false);
    all[3].add_field(std::to_string(i), true);
    all[3].end_row();
  }
  return all;
}

Texts expected(const Batch& batch, const std::vector<int>& numbers) {
  Texts all;
  for (const int number : numbers) all.push_back((batch.numeric() ? "" : "a|") + std::to_string(number));
  return all;
}

TEST_CASE("a part of a batch") {
  for (Batch& batch : of_all_kinds()) {
    batch.slice(1, 3);
    CHECK(texts(batch) == expected(batch, {2, 3, 4}));
    batch.slice(2, 1);
    CHECK(texts(batch) == expected(batch, {4}));
    batch.slice(0, 0);
    CHECK(batch.empty());
  }
}

TEST_CASE("chosen values of a batch") {
  const std::vector<std::uint32_t> some = {0, 2, 4};
  for (Batch& batch : of_all_kinds()) {
    batch.select(some);
    CHECK(texts(batch) == expected(batch, {1, 3, 5}));
  }
}

TEST_CASE("values of unlike kinds become rows together") {
  for (const Batch& first : of_all_kinds()) {
    for (const Batch& second : of_all_kinds()) {
      Batch both;
      both.append(first, 0);
      both.append(second, 4);
      CHECK(texts(both) == Texts{expected(first, {1})[0], expected(second, {5})[0]});
    }
  }
}

TEST_CASE("decimals of unlike scales keep their digits together") {
  Batch tenths;
  tenths.start_exact(1) = {15};
  Batch whole;
  whole.start_exact(0) = {2};
  Batch both;
  both.append(tenths, 0);
  both.append(whole, 0);
  CHECK(texts(both) == Texts{"1.5", "2"});
}

TEST_CASE("an empty text is a value, and so is a row without fields") {
  Batch batch;
  batch.start_rows();
  batch.add_text("");
  batch.end_row();
  batch.add_text("x");
  CHECK(texts(batch) == Texts{"", "", "x"});
  CHECK(batch.field_count(1) == 0);
  batch.slice(1, 2);
  CHECK(texts(batch) == Texts{"", "x"});
}

}  // namespace
