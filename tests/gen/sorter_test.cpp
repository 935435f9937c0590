// Sorting of more than memory may hold, and permutations.
#include <catch2/catch.hpp>
#include <set>

#include "gen/permutation.hpp"
#include "gen/sorter.hpp"
#include "gen/totals.hpp"
#include "support/temp_dir.hpp"

namespace {

using namespace mtask;
using namespace mtask::gen;

Batch values(int count) {
  Batch batch;
  batch.start_rows();
  for (int i = 0; i < count; ++i) {
    batch.add_field(std::to_string(i * 7919 % count), true);
    batch.add_field("text " + std::to_string(i), false);
    batch.end_row();
  }
  return batch;
}

std::vector<std::string> sorted(std::uint64_t memory, const std::string& directory, const Batch& batch) {
  Sorter sorter(memory, directory, [](const Batch& a, const Batch& b) { return compare_values(a, 0, b, 0); });
  for (std::size_t i = 0; i < batch.size(); ++i) REQUIRE(sorter.add(batch, i, sort_key(batch, i, 0)));
  REQUIRE(sorter.finish());
  std::vector<std::string> all;
  for (;;) {
    Batch out;
    const auto more = sorter.next(out);
    REQUIRE(more);
    if (!*more) return all;
    all.emplace_back();
    out.append_value(0, "|", all.back());
  }
}

TEST_CASE("what is sorted through a file is what is sorted in memory") {
  const test::TempDir directory;
  const Batch batch = values(5000);
  const auto in_memory = sorted(1 << 30, directory.path(), batch);
  CHECK(in_memory.size() == 5000);
  CHECK(in_memory[10].starts_with("10|"));
  CHECK(sorted(20'000, directory.path(), batch) == in_memory);
  CHECK(std::filesystem::is_empty(directory.path()));
}

TEST_CASE("numbers beyond a double's range lie where they belong") {
  const std::string small = "0." + std::string(400, '0') + "1";
  const std::string large = "1" + std::string(400, '0');
  Batch batch;
  for (const std::string& text : {"-" + large, "-1" + std::string(), "-" + small, small, std::string("1"), large}) {
    batch.add_text(text, true);
  }
  for (std::size_t i = 1; i < batch.size(); ++i) CHECK(sort_key(batch, i - 1, 0) <= sort_key(batch, i, 0));
  CHECK(sort_key(batch, 3, 0) < sort_key(batch, 4, 0));
}

TEST_CASE("a directory that takes no temporary file is named") {
  Sorter sorter(1, "/nonexistent/directory", nullptr);
  const Batch batch = values(1);
  const auto added = sorter.add(batch, 0, 1);
  REQUIRE_FALSE(added);
  CHECK(added.error().kind == ErrorKind::kUnavailable);
  CHECK(added.error().context == "cannot create a temporary file in '/nonexistent/directory'");
}

TEST_CASE("a permutation meets each number once") {
  for (const std::uint64_t size : {1U, 2U, 3U, 4U, 5U, 7U, 16U, 17U, 1000U, 65536U, 65537U}) {
    const Permutation permutation(size, 42);
    std::set<std::uint64_t> seen;
    for (std::uint64_t i = 0; i < size; ++i) seen.insert(permutation(i));
    CHECK(seen.size() == size);
    CHECK(*seen.rbegin() == size - 1);
  }
}

TEST_CASE("permutations of large sizes stay within them") {
  for (const std::uint64_t size : {std::uint64_t{1} << 40U, (std::uint64_t{1} << 62U) + 1, std::uint64_t{INT64_MAX}}) {
    const Permutation permutation(size, 7);
    for (std::uint64_t i = 0; i < 1000; ++i) CHECK(permutation(size - 1 - i) < size);
  }
}

}  // namespace
