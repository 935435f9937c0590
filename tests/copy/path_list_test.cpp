#include "copy/path_list.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

using mtask::copy::PathList;

namespace {

using Children = std::vector<std::pair<std::string, bool>>;

Children children(const PathList& list, std::string_view directory) {
  Children found;
  list.for_each_child(directory,
                      [&](std::string_view name, bool has_children) { found.emplace_back(name, has_children); });
  return found;
}

}  // namespace

TEST_CASE("an empty path list has no children") {
  const PathList list({});
  CHECK(list.size() == 0);
  CHECK(children(list, "").empty());
  CHECK(children(list, "a").empty());
  CHECK_FALSE(list.contains("a"));
}

TEST_CASE("a path list gives each child once and says whether the list goes below it") {
  const PathList list({"b/c/d", "a", "b/c", "a-b/x", "a/x", "b/e", "ab"});
  CHECK(children(list, "") == Children{{"a", true}, {"a-b", true}, {"ab", false}, {"b", true}});
  CHECK(children(list, "a") == Children{{"x", false}});
  CHECK(children(list, "b") == Children{{"c", true}, {"e", false}});
  CHECK(children(list, "b/c") == Children{{"d", false}});
  CHECK(children(list, "ab").empty());
  CHECK(children(list, "a-").empty());
  CHECK(children(list, "c").empty());
}

TEST_CASE("a path list holds the paths themselves and not their parents") {
  const PathList list({"a/b", "c"});
  CHECK(list.contains("a/b"));
  CHECK(list.contains("c"));
  CHECK_FALSE(list.contains("a"));
  CHECK_FALSE(list.contains("a/b/c"));
  CHECK_FALSE(list.contains(""));
}

TEST_CASE("a path list makes different spellings of a path one") {
  const PathList list({"a/b", "./a/b", "a//b/", "/a/b", "a/./b/.", "a/b/./", "././/a/b"});
  CHECK(list.size() == 1);
  CHECK(list.contains("a/b"));
  const PathList nothing({"", ".", "/", "./", ".//."});
  CHECK(nothing.size() == 0);
  CHECK(nothing.refused().empty());
}

TEST_CASE("a path list refuses paths that leave the source or cannot exist") {
  const std::string with_nul("a\0b", 3);
  const PathList list({"..", "a/../b", "./x/..", "..a", "a..", "a/...", with_nul});
  CHECK(list.refused() == std::vector<std::string>{"..", "a/../b", "./x/..", with_nul});
  CHECK(children(list, "") == Children{{"..a", false}, {"a", true}, {"a..", false}});
}

TEST_CASE("a path list keeps names of any bytes") {
  const PathList list({"\xff/\x01", "\x01/\xff", "a b/\n", "\xc3\xa4", "\x01"});
  CHECK(children(list, "") == Children{{"\x01", true}, {"a b", true}, {"\xc3\xa4", false}, {"\xff", true}});
  CHECK(children(list, "\x01") == Children{{"\xff", false}});
  CHECK(children(list, "a b") == Children{{"\n", false}});
}

TEST_CASE("a path list agrees with a tree of maps on random paths") {
  std::mt19937 random(3);
  const std::vector<std::string> names{"a", "b", "a-", "a.b", "\x01", "ab", "z", "\xfe"};
  for (int round = 0; round < 300; ++round) {
    std::set<std::string> paths;
    std::map<std::string, std::map<std::string, bool>> tree;
    for (std::size_t i = 0, count = random() % 200; i < count; ++i) {
      std::string path;
      for (std::size_t depth = 1 + random() % 4; depth > 0; --depth) {
        const std::string& name = names[random() % names.size()];
        bool& below = tree[path][name];
        below = below || depth > 1;
        path += (path.empty() ? "" : "/") + name;
      }
      paths.insert(path);
    }
    std::vector<std::string> shuffled(paths.begin(), paths.end());
    std::shuffle(shuffled.begin(), shuffled.end(), random);
    const PathList list(shuffled);
    REQUIRE(list.size() == paths.size());
    for (const std::string& path : paths) {
      REQUIRE(list.contains(path));
      tree.try_emplace(path);
    }
    for (const auto& [directory, expected] : tree) {
      INFO("directory '" << directory << "'");
      Children sorted(expected.begin(), expected.end());
      std::sort(sorted.begin(), sorted.end());
      REQUIRE(children(list, directory) == sorted);
    }
  }
}
