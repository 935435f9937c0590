// Options of how, not what: the result is the same tree.
#include <unistd.h>

#include <catch2/catch.hpp>

#include "support/copy_command.hpp"
#include "support/files.hpp"
#include "support/manifest.hpp"
#include "support/temp_dir.hpp"
#include "support/tree_builder.hpp"

namespace {

using namespace mtask::test;
namespace fs = std::filesystem;

void make_source(const fs::path& directory) {
  fs::create_directory(directory);
  TreeOptions options;
  options.big_file = false;
  options.flat_files = 300;
  options.depth = 30;
  (void)build_tree(directory, options);
}

}  // namespace

TEST_CASE("--verify, --fsync, --atime, --stats and any number of workers bring the same tree") {
  const TempDir here{fast_temp_root()};
  make_source(here / "src");
  int number = 0;
  for (const char* option : {"--verify", "--fsync=each", "--fsync=end", "--fsync=none", "--atime", "--stats", "-q",
                             "-vv", "--workers=1", "--workers=16", "--progress=always"}) {
    INFO(option);
    const auto dst = here / ("dst-" + std::to_string(number++));
    // The last --workers counts.
    Command command = copy_command({here / "src", dst});
    command.argv.emplace_back(option);
    const Outcome outcome = run(command);
    INFO(outcome.text());
    CHECK(outcome.code() == 0);
    CHECK(compared(here / "src", dst) == "");
  }
}

TEST_CASE("--atime leaves the access times of the source as they are and copies them") {
  const TempDir here{fast_temp_root()};
  fs::create_directory(here / "src");
  write_file(here / "src" / "file", "content");
  const timespec times[2] = {{1'000'000'000, 5}, {1'400'000'000, 7}};
  REQUIRE(::utimensat(AT_FDCWD, (here / "src" / "file").c_str(), times, 0) == 0);
  REQUIRE(copy({"--atime", here / "src", here / "dst"}).code() == 0);
  CHECK(stat_of(here / "src" / "file").st_atim.tv_sec == 1'000'000'000);
  CHECK(stat_of(here / "src" / "file").st_atim.tv_nsec == 5);
}

TEST_CASE("--limit-rate moves all bytes, also of files larger than a second's share") {
  const TempDir here{fast_temp_root()};
  fs::create_directory(here / "src");
  write_file(here / "src" / "large", pattern(1'500'000, 1));
  for (int i = 0; i < 20; ++i) write_file(here / "src" / std::to_string(i), pattern(10'000, 2));
  const Outcome outcome = copy({"--limit-rate=1M", here / "src", here / "dst"});
  INFO(outcome.text());
  CHECK(outcome.code() == 0);
  CHECK(compared(here / "src", here / "dst") == "");
}

TEST_CASE("the talk is one line on stderr, none with -q, and stdout stays empty") {
  const TempDir here{fast_temp_root()};
  make_source(here / "src");
  const Outcome plain = copy({here / "src", here / "plain"});
  CHECK(plain.code() == 0);
  CHECK(plain.out.empty());
  CHECK(count_lines(plain.err) == 1);
  CHECK_THAT(plain.err, Catch::Contains("plain"));

  const Outcome quiet = copy({"-q", here / "src", here / "quiet"});
  CHECK(quiet.code() == 0);
  CHECK(quiet.out.empty());
  CHECK(quiet.err.empty());
}

TEST_CASE("--json writes one object a line, the summary last") {
  const TempDir here{fast_temp_root()};
  make_source(here / "src");
  const Outcome outcome = copy({"--json", here / "src", here / "dst"});
  INFO(outcome.text());
  CHECK(outcome.code() == 0);
  REQUIRE(outcome.out.size() > 2);
  CHECK(outcome.out.back() == '\n');
  CHECK(count_lines(outcome.out) > 300);
  for (std::size_t at = 0; at < outcome.out.size();) {
    const std::size_t end = outcome.out.find('\n', at);
    if (outcome.out[at] != '{' || outcome.out[end - 1] != '}') FAIL("no object: " << outcome.out.substr(at, end - at));
    at = end + 1;
  }
  CHECK_THAT(outcome.out.substr(outcome.out.rfind("\n{")), Catch::Contains("summary"));
}

TEST_CASE("every failed entry is named with its reason and the rest arrives") {
  const TempDir here{fast_temp_root()};
  fs::create_directories(here / "src" / "sub");
  write_file(here / "src" / "sub" / "fine", "fine");
  write_file(here / "src" / "blocked\n", "a file where a directory stands");
  fs::create_directories(here / "dst" / "blocked\n" / "in-the-way");
  const Outcome outcome = copy({here / "src", here / "dst"});
  INFO(outcome.text());
  CHECK(outcome.code() == 1);
  CHECK_THAT(outcome.err, Catch::Contains("mtask copy: ") && Catch::Contains("blocked\\n"));
  CHECK(read_file(here / "dst" / "sub" / "fine") == "fine");
  CHECK(entry_exists(here / "dst" / "blocked\n" / "in-the-way"));
}
