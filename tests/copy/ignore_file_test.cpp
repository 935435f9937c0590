#include "copy/ignore_file.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "support/command.hpp"
#include "support/environment.hpp"
#include "support/files.hpp"
#include "support/temp_dir.hpp"

namespace fs = std::filesystem;
using mtask::copy::IgnoreChain;
using mtask::copy::IgnoreFile;
using Verdict = mtask::copy::IgnoreFile::Verdict;
using Chain = std::shared_ptr<const IgnoreChain>;

namespace {

// A row: the ignore files by the directory they lie in ("" is the root).
using Files = std::map<std::string, std::string>;

Verdict verdict(std::string_view text, std::string_view path, bool is_directory = false) {
  return IgnoreFile::parse(text).match(path, is_directory);
}

const std::vector<std::string> kTree{"a",
                                     "b",
                                     "foo",
                                     "bar",
                                     "foo.o",
                                     "keep.o",
                                     "dir/a",
                                     "dir/foo",
                                     "dir/b/foo",
                                     "dir/b/c/foo",
                                     "dir/b/c/keep.o",
                                     "foox/bar",
                                     "foox/y/bar",
                                     "foobar",
                                     "x/foo/y",
                                     "x/foo/z/y",
                                     "x/bar/foo.o",
                                     "x/dir/foo",
                                     "space ",
                                     "space",
                                     "#hash",
                                     "!bang",
                                     "cr",
                                     "cr\r",
                                     "back\\slash",
                                     "star*",
                                     "b[1]",
                                     "b1",
                                     "build/o/a",
                                     "build/keep",
                                     "x/build/a",
                                     "logs/a.log",
                                     "logs/keep.log",
                                     "deep/logs/d.log",
                                     "e/f/g/h/i",
                                     "tab\t",
                                     " lead",
                                     "\xc3\xa4",
                                     "A",
                                     "Foo",
                                     "\357\273\277bom",
                                     "bom",
                                     "-",
                                     "dir/logs/"};

void make_tree(const fs::path& root) {
  for (const std::string& name : kTree) {
    if (name.ends_with('/')) {
      fs::create_directories(root / name);
    } else {
      fs::create_directories((root / name).parent_path());
      mtask::test::write_file(root / name, "");
    }
  }
}

// What the engine does: an ignored directory is not entered, but what lies below counts as ignored here.
void walk(const fs::path& directory, const std::string& prefix, Chain chain, bool all, const Files& files,
          std::set<std::string>& ignored) {
  const auto file = files.find(prefix.empty() ? "" : prefix.substr(0, prefix.size() - 1));
  if (file != files.end()) chain = IgnoreChain::extend(chain, file->first.size(), IgnoreFile::parse(file->second));
  for (const auto& entry : fs::directory_iterator(directory)) {
    const std::string name = entry.path().filename().string();
    if (name == ".git" || name == ".gitignore") continue;
    const bool gone = all || (chain != nullptr && chain->ignored(prefix + name, entry.is_directory()));
    if (gone) ignored.insert(prefix + name);
    if (entry.is_directory()) walk(entry.path(), prefix + name + "/", chain, gone, files, ignored);
  }
}

mtask::test::Command git(const fs::path& root, std::vector<std::string> arguments) {
  mtask::test::Command command;
  command.argv = {"git", "-c", "core.ignoreCase=false", "-c", "safe.directory=*"};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  command.env = {{"GIT_CONFIG_GLOBAL", "/dev/null"},
                 {"GIT_CONFIG_SYSTEM", "/dev/null"},
                 {"GIT_DIR", std::nullopt},
                 {"XDG_CONFIG_HOME", "/nonexistent"},
                 {"HOME", root.string()}};
  command.cwd = root.string();
  return command;
}

std::set<std::string> ignored_by_git(const fs::path& root) {
  mtask::test::Command command = git(root, {"check-ignore", "--no-index", "-z", "--stdin"});
  for (const std::string& path : mtask::test::paths_below(root)) {
    if (path == ".git" || path.starts_with(".git/") || path.ends_with(".gitignore")) continue;
    command.input += path + '\0';
  }
  const mtask::test::Outcome outcome = mtask::test::run(command);
  INFO(outcome.text());
  REQUIRE((outcome.code() == 0 || outcome.code() == 1));
  std::set<std::string> ignored;
  for (std::size_t at = 0; at < outcome.out.size();) {
    const std::size_t end = outcome.out.find('\0', at);
    ignored.insert(outcome.out.substr(at, end - at));
    at = end + 1;
  }
  return ignored;
}

std::vector<Files> table() {
  std::vector<Files> rows;
  for (const char* text : {"foo\n",
                           "foo",
                           "/foo\n",
                           "foo/\n",
                           "/foo/\n",
                           "dir/foo\n",
                           "/dir/foo\n",
                           "*.o\n!keep.o\n",
                           "!keep.o\n*.o\n",
                           "*.o\n!x/bar/foo.o\n",
                           "dir/\n!dir/a\n",
                           "dir/*\n!dir/b\n",
                           "/*\n!/dir\n/dir/*\n!/dir/b\n",
                           "**/foo\n",
                           "**/foo/\n",
                           "dir/**\n",
                           "/dir/**\n",
                           "dir/**/foo\n",
                           "dir/**/\n",
                           "**\n",
                           "***\n",
                           "*\n",
                           "*/\n",
                           "/*\n",
                           "/*/\n",
                           "/**\n",
                           "/**/\n",
                           "**/\n",
                           "foo**/bar\n",
                           "foo**bar\n",
                           "/foo**\n",
                           "f**\n",
                           "x/**/y\n",
                           "**/y\n",
                           "x/**y\n",
                           "x/*/y\n",
                           "e/**/i\n",
                           "e/**/**/i\n",
                           "e/*/**/i\n",
                           "e/**/*/i\n",
                           "**/h/**\n",
                           "e/f**/h\n",
                           "# comment\nfoo\n",
                           "\\#hash\n",
                           "#hash\n",
                           "\\!bang\n",
                           "!bang\n",
                           "space \n",
                           "space\\ \n",
                           "space\\  \n",
                           "space   \n",
                           "   \n",
                           " lead\n",
                           "tab\t\n",
                           "tab\n",
                           "cr\r\n",
                           "foo\r\nbar\r\n",
                           "\r\n\r\na\r\n",
                           "cr\\\r\n",
                           "cr\r",
                           "\357\273\277bom\n",
                           "a\n\357\273\277bom\n",
                           "back\\slash\n",
                           "back\\\\slash\n",
                           "star\\*\n",
                           "star*\n",
                           "star[*]\n",
                           "b[1]\n",
                           "b\\[1]\n",
                           "b\\[1\\]\n",
                           "[ab]\n",
                           "[!ab]\n",
                           "[^ab]\n",
                           "[a-c]\n",
                           "[[:upper:]]*\n",
                           "[\n",
                           "a[\n",
                           "a\\\n",
                           "*\\\n",
                           "/\n",
                           "//\n",
                           "!\n",
                           "!/\n",
                           "\n\n\n",
                           "foo//\n",
                           "//foo\n",
                           "x//foo\n",
                           "?\n",
                           "??\n",
                           "x/?oo\n",
                           "\xc3\xa4\n",
                           "?\xa4\n",
                           "[\xc3]\xa4\n",
                           "-\n",
                           "[--0]\n",
                           "build\n!build/keep\n",
                           "build/*\n!build/keep\n",
                           "logs/\n",
                           "/logs/\n",
                           "logs/*.log\n!keep.log\n",
                           "logs/**\n!logs/**/*.log\n",
                           "**/logs/*.log\n",
                           "logs\n!logs/\n",
                           "!logs\nlogs/\n",
                           "A\n",
                           "foo\n!foo\nfoo\n",
                           "!!bang\n",
                           "\\!\\!\n",
                           "dir\\/foo\n",
                           "dir/\\foo\n",
                           "**\\/foo\n",
                           "x/**\\/foo\n",
                           "dir/b/\n",
                           "b/c\n",
                           "/b/c\n",
                           "dir/b/c/\n",
                           "foo ",
                           "*/foo\n",
                           "*/*\n",
                           "*/*/\n",
                           "!*/\n",
                           "*\n!*/\n!*.o\n",
                           "*\n!*/\n!foo*\n",
                           "[f]oo\n",
                           "dir/[a]\n",
                           "dir[/]a\n"}) {
    rows.push_back({{"", text}});
  }
  rows.push_back({{"", std::string("foo\0bar\nbar\0\r\n", 14)}});
  rows.push_back({{"", "*.o\n"}, {"x/bar", "!foo.o\n"}});
  rows.push_back({{"", "!foo.o\n"}, {"x", "*.o\n"}});
  rows.push_back({{"dir", "/foo\n"}, {"dir/b", "foo\n!c/foo\n"}});
  rows.push_back({{"dir", "b/foo\n"}, {"", "!b/foo\n"}});
  rows.push_back({{"dir", "/b/c\n"}, {"dir/b/c", "!*\n"}});
  rows.push_back({{"", "*\n!*/\n"}, {"dir", "!foo\n"}, {"dir/b", "foo\n"}, {"dir/b/c", "!keep.o\n"}});
  rows.push_back({{"e", "**/i\n"}, {"e/f/g", "!h/i\n"}});
  return rows;
}

std::string random_text(std::mt19937& random) {
  static const std::vector<std::string> kPieces{"*", "**", "/",     "/",  "/",   "foo", "bar", "dir", "x",
                                                "?", "b",  "[a-f]", "oo", "**/", "/**", ".o",  "y",   "*"};
  std::string text;
  for (std::size_t line = 0, lines = 1 + random() % 3; line < lines; ++line) {
    if (random() % 3 == 0) text += '!';
    for (std::size_t i = 0, count = 1 + random() % 5; i < count; ++i) text += kPieces[random() % kPieces.size()];
    text += '\n';
  }
  return text;
}

std::string text_of(const Files& files) {
  std::string text;
  for (const auto& [directory, content] : files) {
    text.append("in '").append(directory).append("':\n").append(content);
  }
  return text;
}

}  // namespace

TEST_CASE("an ignore file's last matching pattern decides") {
  CHECK(verdict("*.o\n!a.o\n", "a.o") == Verdict::kKeep);
  CHECK(verdict("!a.o\n*.o\n", "a.o") == Verdict::kIgnore);
  CHECK(verdict("*.o\n", "a.c") == Verdict::kNone);
  CHECK(verdict("foo/\n", "foo", true) == Verdict::kIgnore);
  CHECK(verdict("foo/\n", "foo", false) == Verdict::kNone);
}

TEST_CASE("an ignore file of comments and blanks alone holds nothing") {
  CHECK(IgnoreFile::parse("").empty());
  CHECK(IgnoreFile::parse("\n# a\n   \n\r\n#").empty());
  CHECK_FALSE(IgnoreFile::parse("a").empty());
  CHECK(verdict("*\n", "", true) == Verdict::kNone);
}

TEST_CASE("an ignore chain asks the deepest file first") {
  const Chain root = IgnoreChain::extend(nullptr, 0, IgnoreFile::parse("*.o\n/top\n"));
  const Chain sub = IgnoreChain::extend(root, 3, IgnoreFile::parse("!keep.o\n/top\n"));
  CHECK(sub->ignored("sub/a.o", false));
  CHECK_FALSE(sub->ignored("sub/keep.o", false));
  CHECK(root->ignored("keep.o", false));
  CHECK(sub->ignored("sub/top", false));
  CHECK_FALSE(sub->ignored("sub/x/top", false));
}

TEST_CASE("of two ignore files in one directory the later one counts more") {
  const Chain first = IgnoreChain::extend(nullptr, 0, IgnoreFile::parse("a\nb\n"));
  const Chain both = IgnoreChain::extend(first, 0, IgnoreFile::parse("!a\n"));
  CHECK_FALSE(both->ignored("a", false));
  CHECK(both->ignored("b", false));
}

TEST_CASE("an ignore chain as long as a tree is deep can be freed") {
  Chain chain;
  for (int depth = 0; depth < 500'000; ++depth) chain = IgnoreChain::extend(std::move(chain), 0, IgnoreFile());
  CHECK_FALSE(chain->ignored("a", false));
  chain.reset();
  CHECK(chain == nullptr);
}

TEST_CASE("ignore files leave out what git leaves out") {
  if (!mtask::test::has_command("git")) MTASK_SKIP("no git to compare with");
  const mtask::test::TempDir scratch;
  const fs::path root = scratch / "repository";
  make_tree(root);
  const mtask::test::Outcome made = mtask::test::run(git(root, {"init", "-q"}));
  INFO(made.text());
  REQUIRE(made.code() == 0);

  std::vector<Files> rows = table();
  std::mt19937 random(11);
  for (int i = 0; i < 200; ++i) {
    Files files{{"", random_text(random)}};
    if (i % 2 == 0) files["dir"] = random_text(random);
    if (i % 4 == 0) files["x"] = random_text(random);
    rows.push_back(files);
  }

  for (const Files& files : rows) {
    INFO(text_of(files));
    for (const auto& [directory, text] : files) mtask::test::write_file(root / directory / ".gitignore", text);
    std::set<std::string> ours;
    walk(root, "", nullptr, false, files, ours);
    const std::set<std::string> theirs = ignored_by_git(root);
    CHECK(ours == theirs);
    for (const auto& [directory, text] : files) fs::remove(root / directory / ".gitignore");
  }
}
