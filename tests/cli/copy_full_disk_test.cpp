// A destination without room.
#include <unistd.h>

#include <catch2/catch.hpp>

#include "support/copy_command.hpp"
#include "support/disk_image.hpp"
#include "support/environment.hpp"
#include "support/files.hpp"
#include "support/manifest.hpp"
#include "support/temp_dir.hpp"
#include "support/versions.hpp"

namespace {

using namespace mtask::test;
namespace fs = std::filesystem;

void many_files(const fs::path& directory) {
  fs::create_directory(directory);
  for (int d = 0; d < 20; ++d) {
    fs::create_directory(directory / std::to_string(d));
    for (int i = 0; i < 200; ++i) write_file(directory / std::to_string(d) / std::to_string(i), pattern(16'000, 1));
  }
}

void check_full(const Outcome& outcome, const fs::path& src, const fs::path& dst) {
  INFO(outcome.text());
  CHECK(outcome.code() == 3);
  CHECK_THAT(outcome.err, Catch::Contains("No space left on device"));
  CHECK(count_lines(outcome.err) < 30);
  CHECK(torn_content(dst, {src}) == "");
  CHECK(temporary_names(dst).empty());
}

}  // namespace

TEST_CASE("a file larger than the limit on file sizes is reported, and the others arrive") {
  const TempDir here;
  fs::create_directory(here / "src");
  write_file(here / "src" / "big", pattern(1U << 20U, 1));
  write_file(here / "src" / "small", "small");
  Command command = copy_command({"--reflink=never", here / "src", here / "dst"});
  command.argv.insert(command.argv.begin(), {"bash", "-c", "ulimit -f 256; exec \"$@\"", "bash"});
  const Outcome outcome = run(command);
  INFO(outcome.text());
  CHECK(outcome.code() == 1);
  CHECK_THAT(outcome.err, Catch::Contains("cannot write '" + (here / "dst/big").string() + "': File too large"));
  CHECK_THAT(outcome.err, !Catch::Contains("killed"));
  CHECK(read_file(here / "dst" / "small") == "small");
}

TEST_CASE("a full disk ends the run early with 3, a clear word and nothing torn") {
  const std::string type = GENERATE("ext4", "tmpfs");
  std::string why;
  const auto image = DiskImage::make(type, 24ULL << 20U, why);
  if (image == nullptr) MTASK_SKIP(why);
  const TempDir here{fast_temp_root()};
  many_files(here / "src");
  check_full(copy({here / "src", *image / "dst"}), here / "src", *image / "dst");

  // With room again it continues.
  for (int d = 5; d < 20; ++d) {
    remove_tree(here / "src" / std::to_string(d));
    remove_tree(*image / "dst" / std::to_string(d));
  }
  const Outcome again = copy({here / "src", *image / "dst"});
  INFO(again.text());
  CHECK(again.code() == 0);
  CHECK(compared(here / "src", *image / "dst") == "");
}

TEST_CASE("a file that does not fit has no name afterwards, also when it is written in ranges") {
  std::string why;
  const auto image = DiskImage::make("ext4", 24ULL << 20U, why);
  if (image == nullptr) MTASK_SKIP(why);
  const TempDir here{fast_temp_root()};
  for (const bool huge : {false, true}) {
    INFO((huge ? "huge" : "large"));
    const auto src = here / (huge ? "huge" : "large");
    VersionOptions options;
    options.directories = 1;
    options.files_each = 1;
    options.large = 0;
    options.huge = huge;
    make_version(src, 1, options);
    if (!huge) write_file(src / "does-not-fit", pattern(40'000'000, 1));
    const auto dst = *image / (huge ? "to-huge" : "to-large");
    check_full(copy({src, dst}), src, dst);
    CHECK_FALSE(entry_exists(dst / "huge"));
    CHECK_FALSE(entry_exists(dst / "does-not-fit"));
  }
}

TEST_CASE("a read-only destination ends the run early with 3") {
  std::string why;
  const auto image = DiskImage::make("ext4", 24ULL << 20U, why);
  if (image == nullptr) MTASK_SKIP(why);
  const TempDir here{fast_temp_root()};
  many_files(here / "src");
  fs::create_directory(*image / "dst");
  image->remount_read_only();
  const Outcome outcome = copy({here / "src", *image / "dst"});
  INFO(outcome.text());
  CHECK(outcome.code() == 3);
  CHECK_THAT(outcome.err, Catch::Contains("Read-only file system"));
  CHECK(count_lines(outcome.err) < 30);
}
