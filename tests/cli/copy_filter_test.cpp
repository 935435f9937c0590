// Which entries take part.
#include <sys/mount.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "support/copy_command.hpp"
#include "support/disk_image.hpp"
#include "support/environment.hpp"
#include "support/files.hpp"
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
    fs::create_directories(src / "lib" / "build");
    fs::create_directories(src / "build");
    for (const char* name : {"a.c", "a.o", "lib/b.c", "lib/b.o", "lib/build/x", "build/y"}) {
      write_file(src / name, std::string(name) + " content");
    }
  }
  // What a copy with these options brings over.
  [[nodiscard]] Names copied(Names options) const {
    remove_tree(dst);
    options.insert(options.end(), {src, dst});
    const Outcome outcome = copy(options);
    INFO(outcome.text());
    CHECK(outcome.code() == 0);
    return paths_below(dst);
  }
};

}  // namespace

TEST_CASE("--exclude without a slash matches a name anywhere, with one from the root of the copy") {
  const Tree tree;
  CHECK(tree.copied({"--exclude=*.o"}) ==
        Names{"a.c", "build", "build/y", "lib", "lib/b.c", "lib/build", "lib/build/x"});
  CHECK(tree.copied({"--exclude=build/"}) == Names{"a.c", "a.o", "lib", "lib/b.c", "lib/b.o"});
  CHECK(tree.copied({"--exclude=/build"}) ==
        Names{"a.c", "a.o", "lib", "lib/b.c", "lib/b.o", "lib/build", "lib/build/x"});
  CHECK(tree.copied({"--exclude=lib/**"}) == Names{"a.c", "a.o", "build", "build/y", "lib"});
}

TEST_CASE("the first rule that matches decides") {
  const Tree tree;
  CHECK(tree.copied({"--include=b.o", "--exclude=*.o", "--exclude=build"}) ==
        Names{"a.c", "lib", "lib/b.c", "lib/b.o"});
  CHECK(tree.copied({"--exclude=*.o", "--include=b.o", "--exclude=build"}) == Names{"a.c", "lib", "lib/b.c"});
  CHECK(tree.copied({"--include=*/", "--include=*.c", "--exclude=*"}) ==
        Names{"a.c", "build", "lib", "lib/b.c", "lib/build"});
}

TEST_CASE("--exclude-from reads rules from a file") {
  const Tree tree;
  write_file(tree.here / "rules", "# a comment\n\n*.o\nbuild/\n");
  CHECK(tree.copied({"--exclude-from=" + (tree.here / "rules").string()}) == Names{"a.c", "lib", "lib/b.c"});
}

TEST_CASE("--ignore-file obeys the rules it finds in each directory, as git does") {
  const Tree tree;
  write_file(tree.src / ".gitignore", "*.o\n/build/\n!keep.o\n");
  write_file(tree.src / "keep.o", "kept");
  write_file(tree.src / "lib" / ".gitignore", "build\n!b.o\n");
  CHECK(tree.copied({"--ignore-file=.gitignore"}) ==
        Names{".gitignore", "a.c", "keep.o", "lib", "lib/.gitignore", "lib/b.c", "lib/b.o"});
}

TEST_CASE("--min-size and --max-size hold for regular files alone") {
  const Tree tree;
  write_file(tree.src / "large", pattern(5000, 1));
  fs::create_symlink("large", tree.src / "link");
  CHECK(tree.copied({"--min-size=4K"}) == Names{"build", "large", "lib", "lib/build", "link"});
  CHECK(tree.copied({"--max-size=4K", "--exclude=lib", "--exclude=build"}) == Names{"a.c", "a.o", "link"});
  write_file(tree.src / "exact", pattern(4096, 1));
  CHECK(tree.copied({"--max-size=4K", "--min-size=4K"}) == Names{"build", "exact", "lib", "lib/build", "link"});
}

TEST_CASE("--one-file-system leaves what is mounted below as an empty directory") {
  std::string why;
  const auto image = DiskImage::make("tmpfs", 1U << 20U, why);
  if (image == nullptr) MTASK_SKIP(why);
  write_file(*image / "inside", "on another file system");
  const fs::path src = image->path().parent_path();
  write_file(src / "file", "on this one");
  const TempDir here;

  REQUIRE(copy({"--one-file-system", src, here / "one"}).code() == 0);
  CHECK(paths_below(here / "one") == Names{"file", "tmpfs"});
  REQUIRE(copy({src, here / "all"}).code() == 0);
  CHECK(paths_below(here / "all") == Names{"file", "tmpfs", "tmpfs/inside"});
}

TEST_CASE("a directory mounted inside itself does not hold the copy forever") {
  std::string why;
  const auto image = DiskImage::make("tmpfs", 1U << 20U, why);  // and with it a mount namespace of this test's own
  if (image == nullptr) MTASK_SKIP(why);
  const Tree tree;
  fs::create_directory(tree.src / "loop");
  REQUIRE(::mount(tree.src.c_str(), (tree.src / "loop").c_str(), nullptr, MS_BIND, nullptr) == 0);
  Command command = copy_command({tree.src, tree.dst});
  command.timeout = std::chrono::seconds(30);
  const Outcome outcome = run(command);
  INFO(outcome.text());
  CHECK((outcome.code() == 0 || outcome.code() == 1));
  CHECK(read_file(tree.dst / "a.c") == "a.c content");
}
