// What SRC and DST mean.
#include <unistd.h>

#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "support/copy_command.hpp"
#include "support/files.hpp"
#include "support/manifest.hpp"
#include "support/temp_dir.hpp"

namespace {

using namespace mtask::test;
namespace fs = std::filesystem;

void make_source(const fs::path& directory) {
  fs::create_directories(directory / "sub");
  write_file(directory / "file", "content");
  write_file(directory / "sub" / "inner", "inner content");
}

#define SUCCEEDS(...)                    \
  do {                                   \
    const Outcome outcome = __VA_ARGS__; \
    INFO(outcome.text());                \
    REQUIRE(outcome.code() == 0);        \
  } while (false)

}  // namespace

TEST_CASE("of several sources that are all missing each is named, and nothing is made") {
  const TempDir here;
  const Outcome outcome = copy({here / "one", here / "two", here / "three", here / "new"});
  INFO(outcome.text());
  CHECK(outcome.code() == 3);
  CHECK(count_lines(outcome.err) == 3);
  for (const char* name : {"one", "two", "three"}) {
    CHECK_THAT(outcome.err, Catch::Contains(std::string(name) + "': No such file or directory"));
  }
  CHECK(paths_below(here.path()).empty());
}

TEST_CASE("a directory becomes DST, whether DST exists or not") {
  const TempDir here;
  make_source(here / "src");
  SUCCEEDS(copy({here / "src", here / "dst"}));
  CHECK(compared(here / "src", here / "dst") == "");

  write_file(here / "src" / "new", "later");
  write_file(here / "dst" / "of-its-own", "stays");
  SUCCEEDS(copy({here / "src", here / "dst"}));
  CHECK(paths_below(here / "dst") == std::vector<std::string>{"file", "new", "of-its-own", "sub", "sub/inner"});
}

TEST_CASE("a trailing slash means nothing") {
  const TempDir here;
  make_source(here / "src");
  const std::string src = here / "src";
  const std::string dst = here / "dst";
  SUCCEEDS(copy({src + "/", dst}));
  CHECK(compared(src, dst) == "");
  SUCCEEDS(copy({src, dst + "/"}));
  SUCCEEDS(copy({src + "//", dst + "//"}));
  CHECK(compared(src, dst) == "");
}

TEST_CASE("a relative SRC and DST are taken from the working directory, also '.'") {
  const TempDir here;
  make_source(here / "src");
  Command command = copy_command({".", "../dst"});
  command.cwd = here / "src";
  SUCCEEDS(run(command));
  CHECK(compared(here / "src", here / "dst") == "");
}

TEST_CASE("a file becomes DST, or goes into DST when that is a directory") {
  const TempDir here;
  make_source(here / "src");
  SUCCEEDS(copy({here / "src" / "file", here / "renamed"}));
  CHECK(compared(here / "src" / "file", here / "renamed") == "");

  fs::create_directory(here / "into");
  SUCCEEDS(copy({here / "src" / "file", here / "into"}));
  CHECK(compared(here / "src" / "file", here / "into" / "file") == "");

  write_file(here / "src" / "file", "another content");
  SUCCEEDS(copy({here / "src" / "file", here / "renamed"}));
  CHECK(read_file(here / "renamed") == "another content");
}

TEST_CASE("several sources, or -t, go inside the directory") {
  const TempDir here;
  make_source(here / "one");
  make_source(here / "two");
  write_file(here / "three", "three");
  fs::create_directory(here / "dst");
  SUCCEEDS(copy({here / "one", here / "two", here / "three", here / "dst"}));
  for (const char* name : {"one", "two", "three"}) CHECK(compared(here / name, here / "dst" / name) == "");

  fs::create_directory(here / "target");
  SUCCEEDS(copy({"-t", here / "target", here / "one"}));
  CHECK(compared(here / "one", here / "target" / "one") == "");
}

TEST_CASE("a directory is not copied into itself or its own child, whatever the names") {
  const TempDir here;
  make_source(here / "src");
  fs::create_directory_symlink("src", here / "alias");
  const auto before = paths_below(here.path());
  for (const char* destination : {"src", "src/sub", "src/new", "src/sub/new", "alias", "alias/sub", "src/../src/new"}) {
    INFO(destination);
    const Outcome outcome = copy({here / "src", here / destination});
    INFO(outcome.text());
    CHECK(outcome.code() == 2);
    CHECK_THAT(outcome.err, Catch::StartsWith("mtask copy: "));
    CHECK(paths_below(here.path()) == before);
  }
  const Outcome inside = copy({"-t", here / "src" / "sub", here / "src"});
  CHECK(inside.code() == 2);
  CHECK(paths_below(here.path()) == before);
}

TEST_CASE("a file copied onto itself keeps its content") {
  const TempDir here;
  write_file(here / "file", "precious");
  fs::create_hard_link(here / "file", here / "link");
  for (const char* destination : {"file", "link", "."}) {
    INFO(destination);
    const Outcome outcome = copy({here / "file", here / destination});
    INFO(outcome.text());
    CHECK(outcome.code() >= 0);
    CHECK(read_file(here / "file") == "precious");
  }
}

TEST_CASE("a missing source ends the run with 3 before anything is made") {
  const TempDir here;
  const Outcome outcome = copy({here / "not\nthere", here / "dst"});
  INFO(outcome.text());
  CHECK(outcome.code() == 3);
  CHECK_THAT(outcome.err, Catch::StartsWith("mtask copy: ") && Catch::Contains("No such file or directory"));
  CHECK(count_lines(outcome.err) == 1);
  CHECK_FALSE(entry_exists(here / "dst"));
}

TEST_CASE("missing operands are wrong usage") {
  const TempDir here;
  make_source(here / "src");
  CHECK(copy({}).code() == 2);
  CHECK(copy({here / "src"}).code() == 2);
  CHECK(copy({here / "src", here / "dst", "--no-such-option"}).code() == 2);
  CHECK_FALSE(entry_exists(here / "dst"));
}

TEST_CASE("several sources need a directory") {
  const TempDir here;
  make_source(here / "one");
  make_source(here / "two");
  write_file(here / "dst", "a file");
  const Outcome outcome = copy({here / "one", here / "two", here / "dst"});
  INFO(outcome.text());
  CHECK(outcome.code() != 0);
  CHECK(read_file(here / "dst") == "a file");
}

TEST_CASE("DST may be a symlink to a directory: what it points to is filled, the link stays") {
  const TempDir here;
  make_source(here / "src");
  fs::create_directory(here / "real");
  fs::create_directory_symlink("real", here / "dst");
  SUCCEEDS(copy({here / "src", here / "dst"}));
  CHECK(fs::read_symlink(here / "dst") == "real");
  CHECK(compared(here / "src", here / "real") == "");
}

TEST_CASE("names that look like options are operands after --") {
  const TempDir here;
  make_source(here / "-r");
  Command command = copy_command({});
  command.argv.insert(command.argv.end(), {"--", "-r", "--delete"});
  command.cwd = here.path();
  SUCCEEDS(run(command));
  CHECK(compared(here / "-r", here / "--delete") == "");
}

TEST_CASE("--dereference copies what symbolic links point to") {
  const TempDir here;
  make_source(here / "src");
  write_file(here / "outside", "from outside");
  fs::create_symlink(here / "outside", here / "src" / "link");
  fs::create_directory_symlink("sub", here / "src" / "directory-link");
  SUCCEEDS(copy({"--dereference", here / "src", here / "dst"}));
  CHECK(S_ISREG(stat_of(here / "dst" / "link").st_mode));
  CHECK(read_file(here / "dst" / "link") == "from outside");
  CHECK(S_ISDIR(stat_of(here / "dst" / "directory-link").st_mode));
  CHECK(read_file(here / "dst" / "directory-link" / "inner") == "inner content");
}

TEST_CASE("--dereference ends on a loop of links") {
  const TempDir here;
  make_source(here / "src");
  fs::create_directory_symlink("..", here / "src" / "sub" / "up");
  Command command = copy_command({"--dereference", here / "src", here / "dst"});
  command.timeout = std::chrono::seconds(20);
  const Outcome outcome = run(command);
  INFO(outcome.text());
  CHECK(outcome.code() == 1);
  CHECK(read_file(here / "dst" / "sub" / "inner") == "inner content");
}

TEST_CASE("a symbolic link is not copied over the file that it leads to") {
  const TempDir here;
  write_file(here / "file", "data");
  std::filesystem::create_symlink("file", here / "link");
  const Outcome outcome = copy({here / "link", here / "file"});
  INFO(outcome.text());
  CHECK(outcome.code() == 1);
  CHECK_THAT(outcome.err, Catch::Contains("same file"));
  CHECK(read_file(here / "file") == "data");
}

TEST_CASE("a file is not copied over a device or a pipe, named itself or by a link") {
  const TempDir here;
  write_file(here / "file", "data");
  if (::mkfifo((here / "pipe").c_str(), 0600) != 0) fail_with_errno("mkfifo");
  std::filesystem::create_symlink("pipe", here / "link");
  for (const char* name : {"pipe", "link"}) {
    const auto before = stat_of(here / name);
    const Outcome outcome = copy({here / "file", here / name});
    INFO(outcome.text());
    CHECK(outcome.code() == 2);
    CHECK(stat_of(here / name).st_ino == before.st_ino);
  }
}
