// Files that are not what their size says, and entries that must not be opened.
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "support/copy_command.hpp"
#include "support/disk_image.hpp"
#include "support/environment.hpp"
#include "support/files.hpp"
#include "support/manifest.hpp"
#include "support/temp_dir.hpp"

namespace {

using namespace mtask::test;
namespace fs = std::filesystem;

}  // namespace

TEST_CASE("files of /proc say size 0 and arrive with their content") {
  const TempDir here;
  for (const char* name : {"/proc/version", "/proc/filesystems", "/proc/cpuinfo"}) {
    const Outcome outcome = copy({name, here / "copy"});
    INFO(name << ": " << outcome.text());
    CHECK(outcome.code() == 0);
    const std::string content = read_file(here / "copy");
    CHECK(content.substr(0, 10) == read_file(name).substr(0, 10));
    CHECK_FALSE(content.empty());
    fs::remove(here / "copy");
  }
}

TEST_CASE("files of /sys say a page and hold less; what they hold arrives, no padding") {
  const std::string name = "/sys/kernel/mm/transparent_hugepage/enabled";
  if (!entry_exists(name)) MTASK_SKIP("no " + name);
  const TempDir here;
  const Outcome outcome = copy({name, here / "copy"});
  INFO(outcome.text());
  CHECK(outcome.code() == 0);
  CHECK(read_file(here / "copy") == read_file(name));
}

TEST_CASE("FIFOs, sockets and devices are made again, never opened") {
  const TempDir here;
  fs::create_directory(here / "src");
  REQUIRE(::mkfifo((here / "src" / "fifo").c_str(), 0640) == 0);
  REQUIRE(::mknod((here / "src" / "socket").c_str(), S_IFSOCK | 0600, 0) == 0);
  if (is_root()) REQUIRE(::mknod((here / "src" / "zero").c_str(), S_IFCHR | 0666, makedev(1, 5)) == 0);
  for (const char* run_name : {"first run", "second run"}) {
    INFO(run_name);
    Command command = copy_command({here / "src", here / "dst"});
    command.timeout = std::chrono::seconds(20);
    const Outcome outcome = run(command);
    INFO(outcome.text());
    CHECK(outcome.code() == 0);
    CHECK(compared(here / "src", here / "dst") == "");
  }
}

TEST_CASE("a FIFO in the way of a file is replaced and does not hold the copy") {
  const TempDir here;
  fs::create_directory(here / "src");
  fs::create_directory(here / "dst");
  write_file(here / "src" / "name", "a file now");
  REQUIRE(::mkfifo((here / "dst" / "name").c_str(), 0600) == 0);
  Command command = copy_command({here / "src", here / "dst"});
  command.timeout = std::chrono::seconds(20);
  const Outcome outcome = run(command);
  INFO(outcome.text());
  CHECK(outcome.code() == 0);
  CHECK(read_file(here / "dst" / "name") == "a file now");
}

TEST_CASE("what a file system cannot hold is warned of once, and the rest arrives") {
  std::string why;
  const auto image = DiskImage::make("tmpfs", 16U << 20U, why);  // and with it a mount namespace of this test's own
  if (image == nullptr) MTASK_SKIP(why);
  const TempDir here;
  fs::create_directory(here / "ramfs");  // knows no extended attributes
  if (::mount("ramfs", (here / "ramfs").c_str(), "ramfs", 0, nullptr) != 0) MTASK_SKIP("no ramfs here");
  fs::create_directory(here / "src");
  for (int i = 0; i < 50; ++i) {
    const auto name = here / "src" / std::to_string(i);
    write_file(name, "content");
    if (::setxattr(name.c_str(), "user.lost", "1", 1, 0) != 0) MTASK_SKIP("no attributes of users here");
  }
  const Outcome outcome = copy({here / "src", here / "ramfs" / "dst"});
  INFO(outcome.text());
  CHECK(outcome.code() == 0);
  CHECK(count_lines(outcome.err) == 2);  // the warning and the summary
  CompareOptions without;
  without.xattrs = false;
  CHECK(compared(here / "src", here / "ramfs" / "dst", without) == "");
}
