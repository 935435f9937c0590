// --delete: what the source does not have goes, and never more.
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "support/copy_command.hpp"
#include "support/disk_image.hpp"
#include "support/environment.hpp"
#include "support/files.hpp"
#include "support/manifest.hpp"
#include "support/places.hpp"
#include "support/temp_dir.hpp"

namespace {

using namespace mtask::test;
namespace fs = std::filesystem;

// A source of two entries, and a destination that also has others of every kind.
struct Pair {
  TempDir here;
  fs::path src = here / "src";
  fs::path dst = here / "dst";

  Pair() {
    fs::create_directories(src / "both");
    write_file(src / "both" / "kept", "kept");
    fs::create_directories(dst / "both");
    fs::create_directories(dst / "gone" / "deeper");
    write_file(dst / "gone" / "deeper" / "file", "gone");
    write_file(dst / "both" / "gone-file", "gone");
    write_file(here / "outside", "outside");
    fs::create_symlink(here / "outside", dst / "gone-link");
    fs::create_directory(here / "outside-directory");
    write_file(here / "outside-directory" / "file", "outside");
    fs::create_directory_symlink(here / "outside-directory", dst / "gone-directory-link");
    if (::mkfifo((dst / "gone-fifo").c_str(), 0600) != 0) fail_with_errno("mkfifo");
  }
  [[nodiscard]] bool outside_is_whole() const {
    return read_file(here / "outside") == "outside" && read_file(here / "outside-directory" / "file") == "outside";
  }
};

// Runs as a user without rights, from a copy of the program that such a user may reach.
Outcome copy_as_nobody(const TempDir& here, const std::vector<std::string>& arguments) {
  fs::copy_file(mtask::test::mtask_binary(), here / "mtask");
  Command command = copy_command(arguments);
  command.argv[0] = here / "mtask";
  command.argv.insert(command.argv.begin(), {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"});
  command.cwd = "/";
  return run(command);
}

}  // namespace

TEST_CASE("--delete takes away what the source does not have, and nothing behind symlinks") {
  const Pair pair;
  const Outcome without = copy({pair.src, pair.dst});
  CHECK(without.code() == 0);
  CHECK(entry_exists(pair.dst / "gone" / "deeper" / "file"));

  const Outcome outcome = copy({"--delete", pair.src, pair.dst});
  INFO(outcome.text());
  CHECK(outcome.code() == 0);
  CHECK(compared(pair.src, pair.dst) == "");
  CHECK(pair.outside_is_whole());
}

TEST_CASE("--delete --dry-run lists what would go and keeps it") {
  const Pair pair;
  const auto before = paths_below(pair.dst);
  const Outcome outcome = copy({"--delete", "--dry-run", pair.src, pair.dst});
  INFO(outcome.text());
  CHECK(outcome.code() == 0);
  CHECK_THAT(outcome.out + outcome.err, Catch::Contains("gone-file") && Catch::Contains("gone-fifo"));
  CHECK(paths_below(pair.dst) == before);
}

TEST_CASE("--delete does nothing after a walk with errors") {
  if (!is_root() || !has_command("setpriv")) MTASK_SKIP("needs root and setpriv");
  const Pair pair;
  fs::create_directory(pair.src / "locked");
  REQUIRE(::chmod((pair.src / "locked").c_str(), 0) == 0);
  fs::create_directories(pair.dst / "locked");
  write_file(pair.dst / "locked" / "precious", "must stay: nobody knows what the source holds here");
  for (const auto& path : {pair.dst, pair.dst / "both", pair.dst / "gone", pair.dst / "locked"}) {
    REQUIRE(::chown(path.c_str(), kNobody, kNobody) == 0);
  }
  const Outcome outcome = copy_as_nobody(pair.here, {"--delete", "--no-preserve=ownership", pair.src, pair.dst});
  INFO(outcome.text());
  CHECK(outcome.code() == 1);
  CHECK(entry_exists(pair.dst / "locked" / "precious"));
  CHECK(entry_exists(pair.dst / "gone" / "deeper" / "file"));
}

TEST_CASE("--delete keeps everything when an ignore file can't be read: it may stand for any name") {
  if (!is_root() || !has_command("setpriv")) MTASK_SKIP("needs root and setpriv");
  const Pair pair;
  write_file(pair.src / "both" / ".gitignore", "gone-file\n", 0);
  for (const auto& path : {pair.dst, pair.dst / "both", pair.dst / "gone"}) {
    REQUIRE(::chown(path.c_str(), kNobody, kNobody) == 0);
  }
  const Outcome outcome = copy_as_nobody(
      pair.here, {"--delete", "--no-preserve=ownership", "--ignore-file=.gitignore", pair.src, pair.dst});
  INFO(outcome.text());
  CHECK(outcome.code() == 1);
  CHECK_THAT(outcome.err, Catch::Contains("ignore file") && Catch::Contains("src/both'"));
  CHECK(entry_exists(pair.dst / "both" / "gone-file"));
  CHECK(entry_exists(pair.dst / "gone" / "deeper" / "file"));
}

TEST_CASE("--delete keeps what is excluded") {
  const Pair pair;
  const Outcome outcome = copy({"--delete", "--exclude=gone-file", "--exclude=/gone/", pair.src, pair.dst});
  INFO(outcome.text());
  CHECK(outcome.code() == 0);
  CHECK(entry_exists(pair.dst / "both" / "gone-file"));
  CHECK(entry_exists(pair.dst / "gone" / "deeper" / "file"));
  CHECK_FALSE(entry_exists(pair.dst / "gone-fifo"));
}

TEST_CASE("--delete with --backup keeps what goes under its name and the suffix") {
  const Pair pair;
  const Outcome outcome = copy({"--delete", "--backup=.bak", pair.src, pair.dst});
  INFO(outcome.text());
  CHECK(outcome.code() == 0);
  CHECK_FALSE(entry_exists(pair.dst / "both" / "gone-file"));
  CHECK(read_file(pair.dst / "both" / "gone-file.bak") == "gone");
}

TEST_CASE("--delete empties directories that are read-only") {
  const Pair pair;
  REQUIRE(::chmod((pair.dst / "gone" / "deeper").c_str(), 0500) == 0);
  const Outcome outcome = copy({"--delete", pair.src, pair.dst});
  INFO(outcome.text());
  CHECK(outcome.code() == 0);
  CHECK(compared(pair.src, pair.dst) == "");
}

TEST_CASE("--delete works with several sources inside their own directories alone") {
  const TempDir here;
  for (const char* name : {"one", "two", "dst", "dst/one", "dst/other"}) fs::create_directory(here / name);
  write_file(here / "one" / "a", "a");
  write_file(here / "dst" / "one" / "gone", "gone");
  write_file(here / "dst" / "other" / "stays", "stays");
  const Outcome outcome = copy({"--delete", "-t", here / "dst", here / "one", here / "two"});
  INFO(outcome.text());
  CHECK(outcome.code() == 0);
  CHECK_FALSE(entry_exists(here / "dst" / "one" / "gone"));
  CHECK(entry_exists(here / "dst" / "other" / "stays"));
}

TEST_CASE("--delete --backup keeps every generation of a directory that comes and goes") {
  const TempDir here;
  fs::create_directory(here / "src");
  for (const char* generation : {"first", "second"}) {
    fs::create_directories(here / "dst" / "x");
    write_file(here / "dst" / "x" / generation, generation);
    const Outcome outcome = copy({"--delete", "--backup", here / "src", here / "dst"});
    INFO(outcome.text());
    CHECK(outcome.code() == 0);
  }
  CHECK(read_file(here / "dst" / "x~" / "first") == "first");
  CHECK(read_file(here / "dst" / "x~~" / "second") == "second");
}

TEST_CASE("--delete is refused when another source lies below what would be cleared") {
  const TempDir here;
  fs::create_directories(here / "a" / "A");
  fs::create_directories(here / "dst" / "A" / "x" / "B");
  write_file(here / "dst" / "A" / "x" / "B" / "source", "source");
  const Outcome outcome = copy({"--delete", here / "a" / "A", here / "dst" / "A" / "x" / "B", here / "dst"});
  INFO(outcome.text());
  CHECK(outcome.code() == 2);
  CHECK(entry_exists(here / "dst" / "A" / "x" / "B" / "source"));
}

TEST_CASE("--delete takes nothing from a directory that is mounted in the destination, of the same file system too") {
  std::string why;
  const auto image = DiskImage::make("tmpfs", 64ULL << 20U, why);
  if (image == nullptr) MTASK_SKIP(why);
  for (const char* name : {"src", "dst", "dst/mounted", "other"}) fs::create_directory(*image / name);
  write_file(*image / "other" / "precious", "precious");
  const fs::path mounted = *image / "dst" / "mounted";
  if (::mount((*image / "other").c_str(), mounted.c_str(), nullptr, MS_BIND, nullptr) != 0) fail_with_errno("mount");
  const Outcome outcome = copy({"--delete", *image / "src", *image / "dst"});
  ::umount2(mounted.c_str(), MNT_DETACH);
  INFO(outcome.text());
  CHECK(outcome.code() == 1);
  CHECK(entry_exists(*image / "other" / "precious"));
}
