// Sharing blocks instead of copying them, where the file system can.
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstring>

#include "support/copy_command.hpp"
#include "support/disk_image.hpp"
#include "support/environment.hpp"
#include "support/files.hpp"
#include "support/manifest.hpp"

namespace {

using namespace mtask::test;

constexpr std::uint64_t kImageSize = 512ULL << 20U;

// True when the first extent of the file is shared with another.
bool shares_blocks(const std::filesystem::path& path) {
  const Fd fd = open_at(AT_FDCWD, path, O_RDONLY);
  if (::fsync(fd) != 0) fail_with_errno("fsync");
  alignas(fiemap) std::array<char, sizeof(fiemap) + sizeof(fiemap_extent)> memory{};
  fiemap request{};
  request.fm_length = FIEMAP_MAX_OFFSET;
  request.fm_extent_count = 1;
  std::memcpy(memory.data(), &request, sizeof request);
  if (::ioctl(fd, FS_IOC_FIEMAP, memory.data()) != 0) fail_with_errno("FIEMAP");
  fiemap_extent extent{};
  std::memcpy(&extent, memory.data() + sizeof(fiemap), sizeof extent);
  return (extent.fe_flags & FIEMAP_EXTENT_SHARED) != 0;
}

std::unique_ptr<DiskImage> image_with_source(const std::string& type, std::string& why) {
  auto image = DiskImage::make(type, kImageSize, why);
  if (image == nullptr) return image;
  std::filesystem::create_directory(*image / "src");
  write_file(*image / "src" / "file", pattern(1 << 20, 1));
  write_file(*image / "src" / "odd", pattern(123'457, 2));
  write_file(*image / "src" / "empty", "");
  return image;
}

}  // namespace

TEST_CASE("--reflink=auto and always share blocks on btrfs and xfs, never does not") {
  const std::string type = GENERATE("btrfs", "xfs");
  std::string why;
  const auto image = image_with_source(type, why);
  if (image == nullptr) MTASK_SKIP(why);
  for (const char* choice : {"auto", "always", "never"}) {
    INFO(type << " --reflink=" << choice);
    const auto dst = *image / choice;
    const Outcome outcome = copy({std::string("--reflink=") + choice, *image / "src", dst});
    INFO(outcome.text());
    REQUIRE(outcome.code() == 0);
    CHECK(compared(*image / "src", dst) == "");
    CHECK(shares_blocks(dst / "file") == (std::string(choice) != "never"));
  }
}

TEST_CASE("--reflink=always fails each file where blocks cannot be shared, and leaves no part of it") {
  std::string why;
  const auto image = image_with_source("ext4", why);
  if (image == nullptr) MTASK_SKIP(why);
  const Outcome outcome = copy({"--reflink=always", *image / "src", *image / "dst"});
  INFO(outcome.text());
  CHECK(outcome.code() == 1);
  CHECK_FALSE(entry_exists(*image / "dst" / "file"));
  CHECK_THAT(outcome.err, Catch::Contains("dst/file") || Catch::Contains("src/file"));
}

TEST_CASE("a change to a reflinked copy does not reach the source") {
  std::string why;
  const auto image = image_with_source("btrfs", why);
  if (image == nullptr) MTASK_SKIP(why);
  REQUIRE(copy({*image / "src", *image / "dst"}).code() == 0);
  write_at(open_at(AT_FDCWD, *image / "dst" / "file", O_WRONLY), "changed", 0);
  CHECK(read_file(*image / "src" / "file") == pattern(1 << 20, 1));
}
