// A tree of every kind of entry arrives whole, on every file system, for root and for a user, and a second run finds
// nothing to do.
#include <catch2/catch.hpp>

#include "support/copy_command.hpp"
#include "support/disk_image.hpp"
#include "support/environment.hpp"
#include "support/files.hpp"
#include "support/manifest.hpp"
#include "support/places.hpp"
#include "support/processes.hpp"
#include "support/tree_builder.hpp"

namespace {

using namespace mtask::test;

constexpr std::uint64_t kImageSize = 2ULL << 30U;

void explain(const std::vector<std::string>& left_out) {
  for (const std::string& line : left_out) UNSCOPED_INFO("the file system has no room for: " << line);
}

void copy_all_and_again(const std::filesystem::path& top) {
  const auto source = top / "source";
  const auto copied = top / "copy";
  std::filesystem::create_directory(source);
  explain(build_tree(source));
  set_mtime(source, {1'234'567'890, 123'456'789});

  const Outcome first = copy({source, copied});
  INFO(first.text());
  CHECK(first.code() == 0);
  CHECK(compared(source, copied) == "");
  CHECK(temporary_names(copied / "flat").empty());

  const auto before = identities(copied);
  const Outcome second = copy({source, copied});
  INFO(second.text());
  CHECK(second.code() == 0);
  CHECK(compared(source, copied) == "");
  CHECK(changed(before, identities(copied)) == "");
}

}  // namespace

TEST_CASE("root's copy of every kind of entry differs in nothing, also after a second run") {
  const std::string type = GENERATE("ext4", "xfs", "btrfs", "tmpfs");
  DYNAMIC_SECTION(type) {
    std::string why;
    const auto image = DiskImage::make(type, kImageSize, why);
    if (image == nullptr) MTASK_SKIP(why);
    copy_all_and_again(image->path());
  }
}

TEST_CASE("a copy between file systems of different kinds differs in nothing that both can hold") {
  std::string why;
  const auto from = DiskImage::make("xfs", kImageSize, why);
  if (from == nullptr) MTASK_SKIP(why);
  const auto to = DiskImage::make("ext4", kImageSize, why);
  if (to == nullptr) MTASK_SKIP(why);
  std::filesystem::create_directory(*from / "source");
  explain(build_tree(*from / "source"));

  const Outcome outcome = copy({*from / "source", *to / "copy"});
  INFO(outcome.text());
  CHECK(outcome.code() == 0);
  CHECK(compared(*from / "source", *to / "copy") == "");
}

TEST_CASE("a user's copy of the user's own tree differs in nothing") {
  if (!is_root()) {
    const TempDir here;
    copy_all_and_again(here.path());
    return;
  }
  if (!has_command("setpriv")) MTASK_SKIP("no setpriv here");
  std::string why;
  const auto image = DiskImage::make("ext4", kImageSize, why);
  if (image == nullptr) MTASK_SKIP(why);
  REQUIRE(::chmod(image->path().c_str(), 0777) == 0);
  const auto source = *image / "source";
  const auto copied = *image / "copy";
  as_user(kNobody, [&] {
    std::filesystem::create_directory(source);
    TreeOptions options;
    options.privileged = false;
    (void)build_tree(source, options);
  });
  // The build directory may be out of the user's reach.
  std::filesystem::copy_file(mtask::test::mtask_binary(), *image / "mtask");
  const std::string id = std::to_string(kNobody);

  for (const char* run_name : {"first run", "second run"}) {
    INFO(run_name);
    Command command = copy_command({source, copied});
    command.argv[0] = *image / "mtask";
    command.argv.insert(command.argv.begin(), {"setpriv", "--reuid=" + id, "--regid=" + id, "--clear-groups"});
    command.cwd = image->path();
    const Outcome outcome = run(command);
    INFO(outcome.text());
    CHECK(outcome.code() == 0);
    CHECK(compared(source, copied) == "");
  }
}
