// The comparison all the other tests rest on sees each kind of loss.
#include <sys/xattr.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <functional>

#include "support/command.hpp"
#include "support/environment.hpp"
#include "support/files.hpp"
#include "support/manifest.hpp"
#include "support/temp_dir.hpp"
#include "support/tree_builder.hpp"

namespace {

using namespace mtask::test;

struct Loss {
  const char* what;
  std::function<void(const std::filesystem::path&)> cause;
  const char* from = "";  // an attribute that the file system must have for it, and its file
  const char* key = "";
};

// Each of these takes one thing away from a faithful copy.
const std::vector<Loss> kLosses = {
    {"mode", [](const auto& copy) { (void)::chmod((copy / "contents/size-1").c_str(), 0600); }},
    {"nanoseconds",
     [](const auto& copy) {
       set_mtime(copy / "contents/size-2", {stat_of(copy / "contents/size-2").st_mtim.tv_sec, 0});
     }},
    {"directory's time",
     [](const auto& copy) {
       set_mtime(copy / "empty/inside", {1, 1});
     }},
    {"symlink's time",
     [](const auto& copy) {
       set_mtime(copy / "links/dangling", {1, 1});
     }},
    {"content",
     [](const auto& copy) {
       const timespec time = stat_of(copy / "contents/size-65535").st_mtim;
       { write_at(open_at(AT_FDCWD, copy / "contents/size-65535", O_WRONLY), "\n", 65'000); }
       set_mtime(copy / "contents/size-65535", time);
     }},
    {"hole",
     [](const auto& copy) {
       const timespec time = stat_of(copy / "sparse/middle").st_mtim;
       { write_at(open_at(AT_FDCWD, copy / "sparse/middle", O_WRONLY), std::string(65536, '\0'), 1 << 20); }
       set_mtime(copy / "sparse/middle", time);
     }},
    {"hard link",
     [](const auto& copy) {
       const auto name = copy / "links/group-b/pair-7";
       const auto directory_time = stat_of(name.parent_path()).st_mtim;
       const auto time = stat_of(name).st_mtim;
       const std::string content = read_file(name);
       std::filesystem::remove(name);
       write_file(name, content);
       set_mtime(name, time);
       set_mtime(name.parent_path(), directory_time);
     }},
    {"entry", [](const auto& copy) { std::filesystem::remove(copy / "flat/file-3"); }},
    {"attribute", [](const auto& copy) { (void)::removexattr((copy / "attributes/many").c_str(), "user.key7"); },
     "attributes/many", "user.key7"},
    {"ACL",
     [](const auto& copy) {
       (void)::removexattr((copy / "attributes/acl-directory").c_str(), "system.posix_acl_default");
     },
     "attributes/acl-directory", "system.posix_acl_default"},
};

}  // namespace

TEST_CASE("the comparison of trees finds nothing in a faithful copy and every single loss") {
  const TempDir here{fast_temp_root()};
  std::filesystem::create_directory(here / "source");
  TreeOptions options;
  options.big_file = false;
  options.flat_files = 10;
  options.depth = 5;
  for (const std::string& line : build_tree(here / "source", options)) UNSCOPED_INFO("not there: " << line);
  const auto clone = [&](const std::string& name) {
    REQUIRE(run({{"cp", "-a", "--sparse=auto", here / "source", here / name}, {}, {}, {}}).code() == 0);
  };
  clone("faithful");
  CHECK(compared(here / "source", here / "faithful") == "");

  int number = 0;
  for (const Loss& loss : kLosses) {
    INFO("lost: " << loss.what);
    if (*loss.key != '\0' && ::getxattr((here / "source" / loss.from).c_str(), loss.key, nullptr, 0) < 0) continue;
    const std::string name = "loss-" + std::to_string(number++);
    clone(name);
    loss.cause(here / name);
    CHECK(compared(here / "source", here / name) != "");
  }
}

TEST_CASE("the comparison of trees sees owners, devices, capabilities and trusted attributes") {
  if (!is_root()) MTASK_SKIP("needs root");
  const TempDir here{fast_temp_root()};
  std::filesystem::create_directory(here / "source");
  TreeOptions options;
  options.big_file = false;
  options.flat_files = 1;
  options.depth = 1;
  (void)build_tree(here / "source", options);
  REQUIRE(run({{"cp", "-r", here / "source", here / "copy"}, {}, {}, {}}).code() == 0);
  CompareOptions compare;
  compare.times = compare.modes = compare.links = compare.holes = false;
  std::string found;
  for (const std::string& line : differences(here / "source", here / "copy", compare)) found += line + "\n";
  CHECK_THAT(found, Catch::Contains("user: ") && Catch::Contains("trusted.symlink") &&
                        Catch::Contains("security.capability") && Catch::Contains("posix_acl_access"));
}
