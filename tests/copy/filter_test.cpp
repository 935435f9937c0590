#include "copy/filter.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "support/command.hpp"
#include "support/environment.hpp"
#include "support/files.hpp"
#include "support/temp_dir.hpp"

namespace fs = std::filesystem;
using mtask::copy::FilterRule;
using mtask::copy::FilterRules;

namespace {

using Rules = std::vector<FilterRule>;

Rules exclude(std::string pattern) { return {{false, std::move(pattern)}}; }

bool excluded(const Rules& rules, std::string_view path, bool is_directory = false) {
  return FilterRules::compile(rules).value().excluded(path, is_directory);
}

const std::vector<std::string> kTree{
    "a",          "ab",        "abc",         "foo",           "bar",         "dir/a",         "dir/foo",
    "dir/foo.o",  "x.o",       "x.c",         "deep/dir/foo",  "deep/dir/a",  "deep/dir/b/c",  "deep/er/dir/foo",
    "foodir/foo", "b[1]",      "b1",          "back\\slash",   "star*",       "dir2/foo/bar",  "dir2/foo/baz/foo",
    "dir2/bar/x", "dir2/e/f/", "deep/empty/", "a-b/a-b",       "a-b/a.b",     "with space/a",  "UPPER/lower",
    "9/8/7/6",    ".hid/.den", ".dot",        "foo.d/foo.d/x", "dir3/foo.o/", "dir3/dir/dir/", "deep/dir3/foo.o"};

void make_tree(const fs::path& root) {
  for (const std::string& name : kTree) {
    if (name.ends_with('/')) {
      fs::create_directories(root / name);
    } else {
      fs::create_directories((root / name).parent_path());
      mtask::test::write_file(root / name, "x");
    }
  }
}

void walk(const fs::path& directory, const std::string& prefix, const FilterRules& rules, std::set<std::string>& kept) {
  for (const auto& entry : fs::directory_iterator(directory)) {
    const std::string path = prefix + entry.path().filename().string();
    const bool is_directory = entry.is_directory();
    if (rules.excluded(path, is_directory)) continue;
    kept.insert(is_directory ? path + "/" : path);
    if (is_directory) walk(entry.path(), path + "/", rules, kept);
  }
}

std::set<std::string> kept_by_rsync(const fs::path& source, const fs::path& destination, const Rules& rules) {
  mtask::test::Command command;
  command.argv = {"rsync", "-an", "-8", "--out-format=%n"};
  for (const FilterRule& rule : rules) {
    command.argv.push_back((rule.include ? "--filter=+ " : "--filter=- ") + rule.pattern);
  }
  command.argv.push_back(source.string() + "/");
  command.argv.push_back(destination.string() + "/");
  const mtask::test::Outcome outcome = mtask::test::run(command);
  INFO(outcome.text());
  REQUIRE(outcome.code() == 0);
  std::set<std::string> kept;
  std::istringstream lines(outcome.out);
  for (std::string line; std::getline(lines, line);) {
    // rsync doubles the backslash of a name that it prints.
    for (std::size_t at = 0; (at = line.find("\\#134", at)) != std::string::npos; ++at) line.replace(at, 5, "\\");
    if (line != "./") kept.insert(line);
  }
  return kept;
}

std::string text_of(const Rules& rules) {
  std::string text;
  for (const FilterRule& rule : rules) text += (rule.include ? "+ " : "- ") + rule.pattern + "; ";
  return text;
}

std::vector<Rules> table() {
  std::vector<Rules> rows;
  for (const char* pattern : {"foo",
                              "*.o",
                              "foo/",
                              "/foo",
                              "/foo/",
                              "dir/foo",
                              "/dir/foo",
                              "dir/*",
                              "/dir/*",
                              "dir/**",
                              "/dir/**",
                              "dir/***",
                              "/dir/***",
                              "**/foo",
                              "**foo",
                              "**/dir/foo",
                              "/**/foo",
                              "deep/**/foo",
                              "/deep/**/foo",
                              "**",
                              "***",
                              "*",
                              "/*",
                              "*/",
                              "/*/",
                              "/*/*",
                              "*/foo",
                              "?",
                              "a?",
                              "a*",
                              "[ab]",
                              "[!ab]",
                              "[^ab]*",
                              "b[1]",
                              "b\\[1\\]",
                              "b\\[1]",
                              "back\\slash",
                              "back\\\\sl*",
                              "star\\*",
                              "star*",
                              "[[:upper:]]*",
                              "[[:digit:]]",
                              "foo**",
                              "f**/foo",
                              "dir**",
                              "**dir**",
                              "d**foo",
                              "deep**/a",
                              "dir2/**/foo",
                              "dir2/foo/***",
                              "foo/***",
                              "***/foo",
                              "**/",
                              "dir/**/",
                              "foo.o/",
                              "/dir3/foo.o",
                              "e/f",
                              "e/f/",
                              "/e/f",
                              "er/dir/foo",
                              "*/*/foo",
                              "*/dir/",
                              "**/dir/",
                              "with space/a",
                              "[",
                              "foo[",
                              "*[",
                              "*\\",
                              "/",
                              "//",
                              "a//b",
                              ".*",
                              "/.*",
                              "**/.*",
                              "*.d/",
                              "foo.d/foo.d",
                              "/foo.d/foo.d/***",
                              "9/**",
                              "9/**/6",
                              "9/**6",
                              "7/6",
                              "8/**/6",
                              "**/8/***",
                              "9/***/6",
                              "[a-]*",
                              "a[-]b/a-b",
                              "*/a-b",
                              "?-?/*",
                              "**/***",
                              "***/",
                              "/***",
                              "d**r/",
                              "**r/***",
                              "*r/***",
                              "**/b/c",
                              "**/b",
                              "/**/b/c",
                              "/**"}) {
    rows.push_back(exclude(pattern));
    rows.push_back({{true, pattern}, {true, "*/"}, {false, "*"}});
  }
  rows.push_back({{true, "/dir2/foo/***"}, {true, "/dir2/"}, {false, "*"}});
  rows.push_back({{true, "/deep/"}, {true, "/deep/dir/***"}, {false, "*"}});
  rows.push_back({{true, "*.c"}, {false, "*.o"}, {true, "foo.o"}});
  rows.push_back({{false, "foo"}, {true, "foo"}});
  rows.push_back({{true, "*/"}, {true, "foo"}, {false, "*"}});
  rows.push_back({{false, "/a"}, {false, "dir/"}, {true, "x*"}, {false, "x.?"}});
  return rows;
}

}  // namespace

TEST_CASE("a filter without rules excludes nothing") {
  CHECK(FilterRules().empty());
  CHECK_FALSE(FilterRules().excluded("a/b", false));
  CHECK(FilterRules::compile({}).value().empty());
  CHECK_FALSE(FilterRules::compile(exclude("a")).value().empty());
}

TEST_CASE("a filter's first matching rule decides") {
  const Rules rules{{true, "keep.o"}, {false, "*.o"}, {true, "x.o"}};
  CHECK_FALSE(excluded(rules, "a/keep.o"));
  CHECK(excluded(rules, "a/x.o"));
  CHECK_FALSE(excluded(rules, "a/x.c"));
}

TEST_CASE("a filter's pattern is matched against the part of the path that its slashes ask for") {
  CHECK(excluded(exclude("foo"), "a/b/foo"));
  CHECK_FALSE(excluded(exclude("/foo"), "a/foo"));
  CHECK(excluded(exclude("/foo"), "foo"));
  CHECK(excluded(exclude("b/foo"), "a/b/foo"));
  CHECK_FALSE(excluded(exclude("b/foo"), "a/bb/foo"));
  CHECK_FALSE(excluded(exclude("a/foo"), "a/b/foo"));
  CHECK(excluded(exclude("a/**/foo"), "x/a/b/c/foo"));
  CHECK_FALSE(excluded(exclude("/a/**/foo"), "x/a/b/c/foo"));
  CHECK(excluded(exclude("foo/"), "a/foo", true));
  CHECK_FALSE(excluded(exclude("foo/"), "a/foo", false));
  CHECK(excluded(exclude("/a/***"), "a", true));
  CHECK_FALSE(excluded(exclude("/a/***"), "a", false));
  CHECK(excluded(exclude("/a/***"), "a/b", false));
  CHECK(excluded(exclude("**/foo"), "foo"));
  CHECK_FALSE(excluded(exclude("*"), "", true));
}

TEST_CASE("a filter's pattern that no name can match is a usage error") {
  for (const bool include : {true, false}) {
    const auto empty = FilterRules::compile({{include, ""}});
    REQUIRE_FALSE(empty);
    CHECK(empty.error().kind == mtask::ErrorKind::kUsage);
    CHECK_FALSE(FilterRules::compile({{include, std::string("a\0b", 3)}}));
  }
}

TEST_CASE("a filter keeps the entries that rsync keeps") {
  if (!mtask::test::has_command("rsync")) MTASK_SKIP("no rsync to compare with");
  const mtask::test::TempDir scratch;
  const fs::path source = scratch / "src";
  fs::create_directories(scratch / "dst");
  make_tree(source);

  std::vector<Rules> rows = table();
  std::mt19937 random(5);
  const std::vector<std::string> pieces{"*",   "**", "***", "?",  "/",     "/",    "dir", "foo", "deep",
                                        "foo", "a",  "/",   ".o", "[a-f]", "dir2", "b",   "/**", "**/"};
  for (int i = 0; i < 150; ++i) {
    Rules rules;
    for (int j = 0; j < 3; ++j) {
      std::string pattern;
      for (std::size_t k = 0, count = 1 + random() % 5; k < count; ++k) pattern += pieces[random() % pieces.size()];
      rules.push_back({random() % 2 == 0, pattern});
    }
    rules.push_back({false, "*o"});
    rows.push_back(rules);
  }

  for (const Rules& rules : rows) {
    INFO(text_of(rules));
    std::set<std::string> ours;
    walk(source, "", FilterRules::compile(rules).value(), ours);
    const std::set<std::string> theirs = kept_by_rsync(source, scratch / "dst", rules);
    CHECK(ours == theirs);
  }
}
