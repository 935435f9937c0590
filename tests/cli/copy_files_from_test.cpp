// --files-from: exactly the listed paths, and the directories that lead to them.
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "support/copy_command.hpp"
#include "support/files.hpp"
#include "support/manifest.hpp"
#include "support/temp_dir.hpp"

namespace {

using namespace mtask::test;
namespace fs = std::filesystem;
using Names = std::vector<std::string>;

struct Tree {
  TempDir here;
  fs::path src = here / "src";
  fs::path dst = here / "dst";

  Tree() {
    fs::create_directories(src / "a" / "b");
    fs::create_directories(src / "other");
    for (const char* name : {"top", "a/one", "a/b/two", "a/b/three", "other/four", "new\nline"}) {
      write_file(src / name, name);
    }
    set_mtime(src / "a" / "b", {1'000'000'000, 5});
    set_mtime(src / "a", {1'000'000'001, 7});
    if (::chmod((src / "a").c_str(), 0710) != 0) fail_with_errno("chmod");
  }
};

}  // namespace

TEST_CASE("--files-from copies the listed paths and makes their parents as they are in the source") {
  const Tree tree;
  write_file(tree.here / "list", "a/b/two\ntop\n");
  const Outcome outcome = copy({"--files-from=" + (tree.here / "list").string(), tree.src, tree.dst});
  INFO(outcome.text());
  CHECK(outcome.code() == 0);
  CHECK(paths_below(tree.dst) == Names{"a", "a/b", "a/b/two", "top"});
  CHECK(compared(tree.src / "a/b/two", tree.dst / "a/b/two") == "");
  CHECK((stat_of(tree.dst / "a").st_mode & 07777U) == 0710);
  CHECK(stat_of(tree.dst / "a").st_mtim.tv_nsec == 7);
  CHECK(stat_of(tree.dst / "a/b").st_mtim.tv_nsec == 5);
}

TEST_CASE("--files-from does not descend into a listed directory") {
  const Tree tree;
  write_file(tree.here / "list", "other\n");
  const Outcome outcome = copy({"--files-from=" + (tree.here / "list").string(), tree.src, tree.dst});
  INFO(outcome.text());
  CHECK(outcome.code() == 0);
  CHECK(paths_below(tree.dst) == Names{"other"});
}

TEST_CASE("--files-from - with -0 reads names with newlines from stdin") {
  const Tree tree;
  Command command = copy_command({"--files-from=-", "-0", tree.src, tree.dst});
  command.input = std::string("new\nline\0a/one\0", 15);
  const Outcome outcome = run(command);
  INFO(outcome.text());
  CHECK(outcome.code() == 0);
  CHECK(paths_below(tree.dst) == Names{"a", "a/one", "new\nline"});
}

TEST_CASE("a listed path that is not there is an error of its own, the others arrive") {
  const Tree tree;
  write_file(tree.here / "list", "missing/x\ntop\nmissing\n");
  const Outcome outcome = copy({"--files-from=" + (tree.here / "list").string(), tree.src, tree.dst});
  INFO(outcome.text());
  CHECK(outcome.code() == 1);
  CHECK_THAT(outcome.err, Catch::Contains("src/missing"));
  CHECK(paths_below(tree.dst) == Names{"top"});
}

TEST_CASE("listed paths that lead through a file or a link are each named, and what they lead through stays out") {
  const Tree tree;
  fs::create_directory_symlink("a", tree.src / "l");
  write_file(tree.here / "list", "a/one/x\na/one/x/y\nl/one\ntop\ntop/z\n");
  const Outcome outcome = copy({"--files-from=" + (tree.here / "list").string(), tree.src, tree.dst});
  INFO(outcome.text());
  CHECK(outcome.code() == 1);
  for (const char* path : {"src/a/one/x'", "src/a/one/x/y'", "src/l/one'", "src/top/z'"}) {
    CHECK_THAT(outcome.err, Catch::Contains(std::string(path) + ": Not a directory"));
  }
  CHECK(paths_below(tree.dst) == Names{"a", "top"});
  const Outcome followed = copy({"-L", "--files-from=" + (tree.here / "list").string(), tree.src, tree.here / "L"});
  INFO(followed.text());
  CHECK(read_file(tree.here / "L" / "l" / "one") == "a/one");
}

TEST_CASE("--files-from takes nothing from outside the source") {
  const Tree tree;
  write_file(tree.here / "secret", "outside");
  fs::create_directory_symlink("..", tree.src / "up");
  write_file(tree.here / "list", "../secret\n" + (tree.here / "secret").string() + "\nup/secret\na/../../secret\n");
  const Outcome outcome = copy({"--files-from=" + (tree.here / "list").string(), tree.src, tree.dst});
  INFO(outcome.text());
  CHECK(outcome.code() != 0);
  CHECK(outcome.code() > 0);
  if (entry_exists(tree.dst)) {
    for (const std::string& path : paths_below(tree.dst)) CHECK_THAT(path, !Catch::EndsWith("secret"));
  }
}

TEST_CASE("a list with NUL bytes read as lines is refused with the option that it needs") {
  const Tree tree;
  write_file(tree.here / "list", std::string("top\0a/one\0", 10));
  const Outcome outcome = copy({"--files-from=" + (tree.here / "list").string(), tree.src, tree.dst});
  INFO(outcome.text());
  CHECK(outcome.code() == 2);
  CHECK_THAT(outcome.err, Catch::Contains("-0"));
  CHECK_FALSE(entry_exists(tree.dst));
}

TEST_CASE("a list that cannot be read stops the run before anything is made") {
  const Tree tree;
  const Outcome outcome = copy({"--files-from=" + (tree.here / "no-list").string(), tree.src, tree.dst});
  INFO(outcome.text());
  CHECK((outcome.code() == 2 || outcome.code() == 3));
  CHECK_FALSE(entry_exists(tree.dst));
}
