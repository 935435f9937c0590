#include "copy/name_arena.hpp"

#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <vector>

using namespace mtask;
using copy::NameArena;

namespace {

struct Arena {
  explicit Arena(std::uint32_t units)
      : region(os::SharedRegion::map(NameArena::room(units)).value()), names(region, units) {}
  os::SharedRegion region;
  NameArena names;
};

std::string name_of(std::size_t length) { return std::string(length, static_cast<char>('a' + length % 26)); }

}  // namespace

TEST_CASE("names of every length are kept apart, whole and terminated") {
  Arena arena(1U << 14);
  std::vector<std::uint32_t> kept;
  for (std::size_t length = 0; length <= 255; ++length) {
    kept.push_back(arena.names.keep(name_of(length)));
    REQUIRE(kept.back() != NameArena::kFull);
  }
  for (std::size_t length = 0; length <= 255; ++length)
    CHECK(std::string(arena.names.get(kept[length])) == name_of(length));
}

TEST_CASE("a full arena says so, and takes names again where some were dropped") {
  Arena arena(8);
  std::vector<std::uint32_t> kept;
  std::uint32_t at = 0;
  while ((at = arena.names.keep(name_of(15))) != NameArena::kFull) kept.push_back(at);
  CHECK(kept.size() == 7);  // one unit stands for "none"
  CHECK(arena.names.keep(name_of(16)) == NameArena::kFull);
  arena.names.drop(kept[3], 15);
  arena.names.drop(kept[5], 15);
  const std::set<std::uint32_t> again{arena.names.keep(name_of(3)), arena.names.keep(name_of(9))};
  CHECK(again == std::set<std::uint32_t>{kept[3], kept[5]});
  CHECK(arena.names.keep(name_of(1)) == NameArena::kFull);
}

TEST_CASE("after a rebuild, what was free is leaked at most: no name is handed out twice") {
  Arena arena(64);
  const std::uint32_t first = arena.names.keep("first");
  const std::uint32_t second = arena.names.keep("second");
  arena.names.drop(second, 6);
  arena.names.rebuild();
  std::set<std::uint32_t> given{first};
  std::uint32_t at = 0;
  while ((at = arena.names.keep("x")) != NameArena::kFull) CHECK(given.insert(at).second);
  CHECK(std::string(arena.names.get(first)) == "first");
}
