// Owners and groups of new files, wherever the system takes the group of a new file from.
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "support/copy_command.hpp"
#include "support/disk_image.hpp"
#include "support/environment.hpp"
#include "support/fault.hpp"
#include "support/files.hpp"
#include "support/manifest.hpp"
#include "support/places.hpp"
#include "support/temp_dir.hpp"

namespace {

using namespace mtask::test;
namespace fs = std::filesystem;

constexpr gid_t kGroup = 12345;
constexpr const char* kDirectories[] = {"a-own", "b-foreign", "c-own", "d-foreign"};

void give(const fs::path& path, uid_t user, gid_t group) {
  if (::lchown(path.c_str(), user, group) != 0) fail_with_errno("lchown");
}

// Directories with files of several owners and groups.
void make_source(const fs::path& src) {
  fs::create_directories(src);
  write_file(src / "first", "");  // seen before all others, where nothing is special
  for (const char* directory : kDirectories) {
    fs::create_directories(src / directory);
    for (const gid_t group : {gid_t{0}, kGroup, gid_t{kNobody}}) {
      for (const uid_t user : {uid_t{0}, uid_t{kNobody}}) {
        const fs::path file = src / directory / (std::to_string(user) + "-" + std::to_string(group));
        write_file(file, "content");
        give(file, user, group);
      }
    }
  }
}

// Half of the directories are there: of `group`, and set-gid or not.
void make_destination(const fs::path& dst, mode_t mode) {
  for (const char* directory : {"b-foreign", "d-foreign"}) {
    fs::create_directories(dst / directory);
    give(dst / directory, 0, kGroup);
    REQUIRE(::chmod((dst / directory).c_str(), mode) == 0);
  }
}

gid_t group_of_new_file(const fs::path& directory) {
  const fs::path probe = directory / "probe";
  write_file(probe, "");
  const gid_t group = stat_of(probe).st_gid;
  fs::remove(probe);
  return group;
}

void check_owners(const fs::path& src, const fs::path& dst) {
  for (const std::string workers : {"1", "3"}) {
    INFO(workers << " workers");
    const Outcome outcome = run(mtask_command({"copy", "--workers", workers, src, dst}));
    INFO(outcome.text());
    CHECK(outcome.code() == 0);
    CHECK(compared(src, dst) == "");
    for (const char* directory : kDirectories) {  // for the next turn; the directories stay
      for (const auto& file : fs::directory_iterator(dst / directory)) fs::remove(file.path());
    }
    for (const char* directory : {"b-foreign", "d-foreign"}) give(dst / directory, 0, kGroup);
  }
}

}  // namespace

TEST_CASE("files that set-gid directories give a group have their source's owner and group in the copy") {
  if (!is_root()) MTASK_SKIP("giving files away needs root");
  const TempDir here(fast_temp_root());
  make_source(here / "src");
  make_destination(here / "dst", 02775);
  REQUIRE(group_of_new_file(here / "dst" / "b-foreign") == kGroup);
  check_owners(here / "src", here / "dst");
}

TEST_CASE("so have files on a file system that gives every file its directory's group") {
  std::string why;
  const auto image = DiskImage::make("ext4", 64U << 20U, why);
  if (image == nullptr) MTASK_SKIP(why);
  if (::mount(nullptr, image->path().c_str(), nullptr, MS_REMOUNT, "grpid") != 0) MTASK_SKIP("no grpid here");
  make_source(*image / "src");
  make_destination(*image / "dst", 0775);
  REQUIRE(group_of_new_file(*image / "dst" / "b-foreign") == kGroup);
  check_owners(*image / "src", *image / "dst");
}

TEST_CASE("without ownership a new file has the group that its set-gid directory gives it") {
  if (!is_root()) MTASK_SKIP("giving files away needs root");
  const TempDir here(fast_temp_root());
  make_source(here / "src");
  make_destination(here / "dst", 02775);
  const Outcome outcome = copy({"--no-preserve=ownership", here / "src", here / "dst"});
  INFO(outcome.text());
  CHECK(outcome.code() == 0);
  for (const char* directory : kDirectories) {
    const gid_t expected = directory[2] == 'f' ? kGroup : 0;
    for (const auto& file : fs::directory_iterator(here / "dst" / directory)) {
      INFO(file.path().string());
      CHECK(stat_of(file.path()).st_uid == 0);
      CHECK(stat_of(file.path()).st_gid == expected);
    }
  }
}

TEST_CASE("root looks at the owner of a few new files only, in directories of its group and of others") {
  if (!is_root()) MTASK_SKIP("an ordinary user's new files are all looked at");
  constexpr unsigned kFiles = 200;
  const TempDir here(fast_temp_root());
  fs::create_directory(here / "src");
  for (unsigned i = 0; i < kFiles; ++i) write_file(here / "src" / std::to_string(i), "content");
  for (const gid_t group : {gid_t{0}, kGroup}) {
    INFO("group " << group);
    const fs::path dst = here / std::to_string(group);
    fs::create_directory(dst);
    give(dst, 0, group);
    Command command = copy_command({here / "src", dst});
    Fault fault;
    fault.calls = "fstat";
    fault.error = EIO;
    fault.under = dst;
    fault.nth = UINT64_MAX;  // counted only
    const FaultInjection injection(fault, command);
    const Outcome outcome = run(command);
    INFO(outcome.text());
    CHECK(outcome.code() == 0);
    CHECK(injection.seen() > 0);
    CHECK(injection.seen() < kFiles / 4);
  }
}
