// Several sources of which some have one final name, or meet in one directory: as with cp -a.
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "support/copy_command.hpp"
#include "support/files.hpp"
#include "support/manifest.hpp"
#include "support/temp_dir.hpp"

namespace {

using namespace mtask::test;
namespace fs = std::filesystem;

// a/x and b/x are files of one name, c/x is a directory; m/k and n/k are directories that share some names.
struct Scene {
  TempDir here;
  fs::path dst = here / "dst";

  Scene() {
    for (const char* directory : {"a", "b", "c/x", "dst", "m/k/d", "n/k/d"}) fs::create_directories(here / directory);
    write_file(here / "a" / "x", "of a");
    write_file(here / "b" / "x", "of b, which is longer");
    write_file(here / "c" / "x" / "inside", "inside");
    for (const char* side : {"m", "n"}) {
      const fs::path k = here / side / "k";
      write_file(k / "both", std::string("the one of ") + side);
      write_file(k / "d" / "both", std::string("the deep one of ") + side);
      write_file(k / side, "alone");
      fs::create_symlink(side, k / "link");
    }
    for (const char* side : {"m", "n"}) {  // alike from outside
      set_mtime(here / side / "k" / "both", {1'000'000'000, 0});
    }
    REQUIRE(::chmod((here / "n" / "k").c_str(), 0711) == 0);
    set_mtime(here / "n" / "k", {1'000'000'002, 3});
  }
  [[nodiscard]] Outcome copy_in(std::vector<std::string> args) const {
    Command command = copy_command(std::move(args));
    command.cwd = here.path();
    return run(command);
  }
};

// What both sources bring is there, and the later one has decided where both had something.
void check_merged(const fs::path& directory) {
  CHECK(paths_below(directory) == std::vector<std::string>{"both", "d", "d/both", "link", "m", "n"});
  CHECK(read_file(directory / "both") == "the one of n");
  CHECK(read_file(directory / "d" / "both") == "the deep one of n");
  CHECK(fs::read_symlink(directory / "link") == "n");
  const struct stat status = stat_of(directory);
  CHECK((status.st_mode & 07777) == 0711);
  CHECK(status.st_mtim.tv_sec == 1'000'000'002);
  CHECK(status.st_mtim.tv_nsec == 3);
}

}  // namespace

TEST_CASE("a file is not copied over another of the run: the first one stays, the rest goes on") {
  const Scene scene;
  write_file(scene.here / "c" / "other", "other");
  const Outcome outcome = scene.copy_in({"a/x", "b/x", "c/other", "dst"});
  INFO(outcome.text());
  CHECK(outcome.code() == 1);
  CHECK_THAT(outcome.err, Catch::Contains("mtask copy: cannot copy 'b/x': will not overwrite just-created 'dst/x'\n"));
  CHECK_THAT(outcome.err, Catch::Contains("1 failed"));
  CHECK(compared(scene.here / "a" / "x", scene.dst / "x") == "");
  CHECK(read_file(scene.dst / "other") == "other");

  const auto before = identities(scene.dst);
  const Outcome again = scene.copy_in({"a/x", "b/x", "c/other", "dst"});
  CHECK(again.code() == 1);
  CHECK(changed(before, identities(scene.dst)) == "");
}

TEST_CASE("neither a directory over a file of the run nor the other way round") {
  const Scene scene;
  const std::vector<std::string> options = GENERATE(std::vector<std::string>{}, std::vector<std::string>{"--backup"});
  const bool file_first = GENERATE(true, false);
  std::vector<std::string> args{"a/x", "c/x", "dst"};
  if (!file_first) std::swap(args[0], args[1]);
  const std::string refused = args[1];
  args.insert(args.begin(), options.begin(), options.end());
  const Outcome outcome = scene.copy_in(args);
  INFO(outcome.text());
  CHECK(outcome.code() == 1);
  CHECK_THAT(outcome.err, Catch::Contains("cannot copy '" + refused + "': will not overwrite"));
  CHECK(compared(scene.here / (file_first ? "a/x" : "c/x"), scene.dst / "x") == "");
}

TEST_CASE("a dry run tells of sources that would get one name") {
  const Scene scene;
  const Outcome outcome = scene.copy_in({"--dry-run", "a/x", "b/x", "dst"});
  INFO(outcome.text());
  CHECK(outcome.code() == 1);
  CHECK_THAT(outcome.err, Catch::Contains("cannot copy 'b/x'"));
  CHECK(count_lines(outcome.out) == 1);
  CHECK(paths_below(scene.dst).empty());
}

TEST_CASE("a file that an update would leave alone anyway is no failure") {
  const Scene scene;
  set_mtime(scene.here / "a" / "x", {2'000'000'000, 0});
  set_mtime(scene.here / "b" / "x", {1'000'000'000, 0});
  for (const char* update : {"--update=none", "--update=older"}) {
    INFO(update);
    const Outcome outcome = scene.copy_in({update, "a/x", "b/x", "dst"});
    INFO(outcome.text());
    CHECK(outcome.code() == 0);
    CHECK(compared(scene.here / "a" / "x", scene.dst / "x") == "");
    fs::remove(scene.dst / "x");
  }
  const Outcome newer = scene.copy_in({"--update=older", "b/x", "a/x", "dst"});
  CHECK(newer.code() == 1);
  CHECK(compared(scene.here / "b" / "x", scene.dst / "x") == "");
}

TEST_CASE("a file that its size leaves out takes no name from another") {
  const Scene scene;
  const Outcome outcome = scene.copy_in({"--min-size=10", "a/x", "b/x", "dst"});
  INFO(outcome.text());
  CHECK(outcome.code() == 0);
  CHECK(compared(scene.here / "b" / "x", scene.dst / "x") == "");
}

TEST_CASE("a source that is given twice is copied once, and warned of") {
  const Scene scene;
  for (const std::string source : {"a/x", "m/k", "m/k/.", "m/k/link"}) {
    INFO(source);
    const Outcome outcome = scene.copy_in({source, "b/../" + source, source, "new"});
    INFO(outcome.text());
    CHECK(outcome.code() == 0);
    CHECK_THAT(outcome.err, Catch::Contains("mtask copy: source 'b/../" + source + "' is given more than once\n"));
    CHECK_THAT(outcome.err, Catch::Contains("2 warnings"));
    fs::remove_all(scene.here / "new");
  }
}

TEST_CASE("directories of one name are merged, the later source decides where both have an entry") {
  const Scene scene;
  const Outcome outcome = scene.copy_in({"m/k", "n/k", "dst"});
  INFO(outcome.text());
  CHECK(outcome.code() == 0);
  check_merged(scene.dst / "k");
}

TEST_CASE("contents of directories are merged with each other and with what else goes there, in the order given") {
  const Scene scene;
  SECTION("of two directories, into one that is there") {
    const Outcome outcome = scene.copy_in({"m/k/.", "n/k/.", "dst"});
    INFO(outcome.text());
    CHECK(outcome.code() == 0);
    check_merged(scene.dst);
  }
  SECTION("of two directories, into a new one") {
    const Outcome outcome = scene.copy_in({"m/k/.", "n/k/.", "new"});
    INFO(outcome.text());
    CHECK(outcome.code() == 0);
    check_merged(scene.here / "new");
  }
  SECTION("with a file before") {
    CHECK(scene.copy_in({"n/k/both", "m/k/.", "dst"}).code() == 0);
    CHECK(read_file(scene.dst / "both") == "the one of m");
  }
  SECTION("with a file after") {
    CHECK(scene.copy_in({"m/k/.", "n/k/both", "dst"}).code() == 0);
    CHECK(read_file(scene.dst / "both") == "the one of n");
  }
}

TEST_CASE("of merged directories, --update=none keeps what the first brought, --backup what was replaced") {
  const Scene scene;
  CHECK(scene.copy_in({"--update=none", "m/k", "n/k", "dst"}).code() == 0);
  CHECK(read_file(scene.dst / "k" / "both") == "the one of m");
  CHECK(entry_exists(scene.dst / "k" / "n"));
  fs::remove_all(scene.dst / "k");

  fs::create_directory(scene.dst / "k");
  write_file(scene.dst / "k" / "both", "older than all");
  CHECK(scene.copy_in({"--backup", "m/k", "n/k", "dst"}).code() == 0);
  CHECK(read_file(scene.dst / "k" / "both") == "the one of n");
  CHECK(read_file(scene.dst / "k" / "both~") == "older than all");
  CHECK(read_file(scene.dst / "k" / "both~~") == "the one of m");
}

TEST_CASE("hard links over merged directories join no file that only had the name of theirs") {
  const Scene scene;
  const fs::path m = scene.here / "m" / "k";
  const fs::path n = scene.here / "n" / "k";
  write_file(m / "log", "yesterday's");
  fs::create_hard_link(m / "log", n / "log.1");  // the same file under its next name …
  fs::create_hard_link(m / "log", n / "log.2");
  write_file(n / "log", "today's, and longer");  // … and another one under its first
  const Outcome outcome = scene.copy_in({"m/k", "n/k", "dst"});
  INFO(outcome.text());
  CHECK(outcome.code() == 0);
  CHECK(read_file(scene.dst / "k" / "log") == "today's, and longer");
  CHECK(read_file(scene.dst / "k" / "log.1") == "yesterday's");
  CHECK(stat_of(scene.dst / "k" / "log.1").st_ino == stat_of(scene.dst / "k" / "log.2").st_ino);
  CHECK(stat_of(scene.dst / "k" / "log.1").st_ino != stat_of(scene.dst / "k" / "log").st_ino);
}

TEST_CASE("--delete is refused where several sources fill one directory, and nothing is touched") {
  const Scene scene;
  write_file(scene.dst / "of-its-own", "stays");
  for (const std::vector<std::string>& sources :
       {std::vector<std::string>{"m/k", "n/k"}, {"m/k/.", "n/k/."}, {"m/k/.", "a/x"}, {"a/x", "m/k/."}}) {
    std::vector<std::string> args{"--delete"};
    args.insert(args.end(), sources.begin(), sources.end());
    args.emplace_back("dst");
    const Outcome outcome = scene.copy_in(args);
    INFO(outcome.text());
    CHECK(outcome.code() == 2);
    CHECK_THAT(outcome.err, Catch::StartsWith("mtask copy: --delete doesn't go with several sources for 'dst"));
    CHECK(count_lines(outcome.err) == 1);
    CHECK(paths_below(scene.dst) == std::vector<std::string>{"of-its-own"});
  }
  const Outcome apart = scene.copy_in({"--delete", "m/k", "c/x", "a/x", "dst"});
  INFO(apart.text());
  CHECK(apart.code() == 1);  // a/x meets c/x
  CHECK(scene.copy_in({"--delete", "m/k", "c/x", "c/x", "dst"}).code() == 0);
}
