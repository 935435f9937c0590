// --dry-run: the lines, counts and exit code of the run that follows it.
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>

#include "support/copy_command.hpp"
#include "support/files.hpp"
#include "support/temp_dir.hpp"

namespace {

using namespace mtask::test;
namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

// The sorted lines of a dry run.
Lines planned(const Outcome& outcome) {
  Lines lines;
  std::istringstream text(outcome.out);
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  std::sort(lines.begin(), lines.end());
  return lines;
}

// A field of --stats, from whatever stream.
std::string field(const Outcome& outcome, const std::string& name) {
  const std::string text = "\n" + outcome.out;
  const std::size_t at = text.find("\n" + name + ": ");
  if (at == std::string::npos) return "none";
  const std::size_t begin = at + name.size() + 3;
  return text.substr(begin, text.find('\n', begin) - begin);
}

}  // namespace

TEST_CASE("a dry run of --delete lists what goes beside protected files, and counts like the run") {
  const TempDir here;
  fs::create_directory(here / "src");
  fs::create_directories(here / "d/zz/deep");
  fs::create_directories(here / "d/whole/deep");
  for (const char* name : {"d/zz/deep/y.o", "d/zz/deep/y.c", "d/zz/x", "d/whole/deep/x", "d/file"}) {
    write_file(here / name, name);
  }
  for (const char* name : {"src", "d"}) set_mtime(here / name, {1'000'000'000, 0});
  const std::string dst = here / "d";
  const Lines expected = {"delete '" + dst + "/file'", "delete '" + dst + "/whole'", "delete '" + dst + "/zz/deep/y.c'",
                          "delete '" + dst + "/zz/x'"};
  const Lines options = {"--delete", "--exclude=*.o", here / "src", dst};
  Lines dry = options;
  dry.insert(dry.begin(), "--dry-run");
  CHECK(planned(copy(dry)) == expected);
  dry.emplace_back("--stats");
  const Outcome before = copy(dry);
  Lines real = options;
  real.emplace_back("--stats");
  const Outcome after = copy(real);
  INFO(after.text());
  CHECK(field(before, "deleted") == "6");
  CHECK(field(after, "deleted") == "6");
  CHECK(paths_below(dst) == Lines{"zz", "zz/deep", "zz/deep/y.o"});
}

TEST_CASE("a dry run of --delete counts all that is in a directory") {
  const TempDir here;
  fs::create_directory(here / "src");
  fs::create_directories(here / "d/gone/deep");
  write_file(here / "d/gone/deep/x", "x");
  for (const char* name : {"src", "d"}) set_mtime(here / name, {1'000'000'000, 0});
  const Outcome dry = copy({"-n", "--stats", "--delete", here / "src", here / "d"});
  CHECK_THAT(dry.out, Catch::StartsWith("delete '" + (here / "d/gone").string() + "'\n"));
  CHECK(field(dry, "deleted") == "3");
  CHECK(field(copy({"--stats", "--delete", here / "src", here / "d"}), "deleted") == "3");
}

TEST_CASE("a dry run refuses what stands over a directory that is not empty, as the run does") {
  const TempDir here;
  fs::create_directory(here / "src");
  for (const char* name : {"file", "again"}) write_file(here / "src" / name, "file");
  fs::create_directories(here / "d/file/inside");
  fs::create_directories(here / "d/again");
  fs::create_hard_link(here / "src/again", here / "src/linked");
  fs::create_directories(here / "d/linked/inside");
  const Outcome dry = copy({"-n", here / "src", here / "d"});
  INFO(dry.text());
  CHECK(dry.code() == 1);
  CHECK_THAT(dry.err, Catch::Contains("d/file': it is not empty") && Catch::Contains("d/linked': it is not empty"));
  CHECK(dry.out.find("d/file'") == std::string::npos);
  const Outcome real = copy({here / "src", here / "d"});
  CHECK(real.code() == 1);
  CHECK(copy({"-n", "--delete", here / "src", here / "d"}).code() == 0);
}

TEST_CASE("a dry run counts no holes") {
  const TempDir here;
  fs::create_directory(here / "src");
  write_file(here / "src/sparse", "data");
  REQUIRE(::truncate((here / "src/sparse").c_str(), 1 << 30) == 0);
  const std::string dry = field(copy({"-n", "--stats", here / "src", here / "d"}), "bytes");
  CHECK(dry == field(copy({"--stats", "--reflink=never", here / "src", here / "d"}), "bytes"));
}

TEST_CASE("what happens to a directory's metadata is shown and counted, before and after") {
  const TempDir here;
  fs::create_directories(here / "src/sub");
  write_file(here / "src/sub/a", "a");
  REQUIRE(copy({here / "src", here / "d"}).code() == 0);
  REQUIRE(::chmod((here / "d/sub").c_str(), 0700) == 0);
  const std::string line = "update '" + (here / "d/sub").string() + "'\n";
  const Outcome dry = copy({"-n", here / "src", here / "d"});
  CHECK(dry.out == line);
  CHECK_THAT(dry.err, Catch::Contains("1 updated") && !Catch::Contains("nothing to do"));
  const Outcome real = copy({"-v", here / "src", here / "d"});
  CHECK_THAT(real.err, Catch::StartsWith(line) && Catch::Contains("1 updated"));
  CHECK_THAT(copy({"-v", here / "src", here / "d"}).err, Catch::Contains("nothing to do"));
}

TEST_CASE("a directory whose time only its own new entries moved is no update") {
  const TempDir here;
  fs::create_directory(here / "src");
  write_file(here / "src/a", "a");
  REQUIRE(copy({here / "src", here / "d"}).code() == 0);
  write_file(here / "src/a", "longer");
  CHECK_THAT(copy({here / "src", here / "d"}).err, !Catch::Contains("updated"));
}

TEST_CASE("backups are told before and after") {
  const TempDir here;
  fs::create_directories(here / "src/sub");
  write_file(here / "src/a", "new and longer");
  fs::create_symlink("new", here / "src/link");
  fs::create_directory(here / "d");
  write_file(here / "d/a", "old");
  write_file(here / "d/sub", "old");
  fs::create_symlink("older", here / "d/link");
  const Outcome dry = copy({"-n", "--backup", here / "src", here / "d"});
  const Outcome real = copy({"-v", "--backup", here / "src", here / "d"});
  INFO(dry.text() << real.text());
  for (const char* name : {"a", "link", "sub"}) {
    const std::string line = "backup '" + (here / "d" / name).string() + "'\n";
    CHECK_THAT(dry.out, Catch::Contains(line));
    CHECK_THAT(real.err, Catch::Contains(line));
  }
  CHECK(entry_exists(here / "d/sub~"));
}

TEST_CASE("the directory that all sources go into is listed and counted when it is made") {
  const TempDir here;
  write_file(here / "a", "a");
  const std::string into = here / "new";
  const Outcome dry = copy({"-n", "--stats", "-t", into, here / "a"});
  CHECK_THAT(dry.out, Catch::StartsWith("mkdir '" + into + "'\ncopy '" + into + "/a'\n"));
  CHECK(field(dry, "directories") == "1");
  CHECK_FALSE(entry_exists(into));
  const Outcome real = copy({"-v", "--stats", "-t", into, here / "a"});
  CHECK_THAT(real.err, Catch::Contains("mkdir '" + into + "'\n"));
  CHECK(field(real, "directories") == "1");
}
