// Attributes, ACLs, rights and modes: kept where they can be, never wider than in the source, and looked after on
// every run.
#include <sys/xattr.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>

#include "support/copy_command.hpp"
#include "support/environment.hpp"
#include "support/fault.hpp"
#include "support/files.hpp"
#include "support/manifest.hpp"
#include "support/temp_dir.hpp"
#include "support/xattrs.hpp"

namespace {

using namespace mtask::test;
namespace fs = std::filesystem;

constexpr timespec kOld{1'000'000'000, 123'456'789};

// A source with one file, on a file system that has attributes.
struct Scene {
  TempDir here{fast_temp_root()};
  fs::path src = here / "src";
  fs::path dst = here / "dst";

  Scene() {
    fs::create_directory(src);
    write_file(src / "f", "content");
    set_mtime(src / "f", kOld);
  }
  [[nodiscard]] bool has_xattrs() const { return set_xattr(AT_FDCWD, src / "f", "user.probe", "1") == 0; }
};

void give(const fs::path& path, const std::string& key, const std::string& value) {
  if (set_xattr(AT_FDCWD, path, key, value) != 0) fail_with_errno("setxattr " + key);
}

Outcome copied(std::vector<std::string> args) {
  const Outcome outcome = copy(std::move(args));
  INFO(outcome.text());
  REQUIRE(outcome.code() == 0);
  return outcome;
}

}  // namespace

TEST_CASE("with --dereference the attributes of what a link points to are kept up to date") {
  const Scene scene;
  if (!scene.has_xattrs()) MTASK_SKIP("no extended attributes here");
  fs::create_symlink("f", scene.src / "link");
  copied({"-L", scene.src, scene.dst});
  give(scene.src / "f", "user.later", "1");
  copied({"-L", scene.src, scene.dst});
  CHECK(xattrs_of(AT_FDCWD, scene.dst / "link") == xattrs_of(AT_FDCWD, scene.src / "f"));
}

TEST_CASE("attributes are kept where a filter of system calls refuses the newest of them") {
  const Scene scene;
  if (!scene.has_xattrs()) MTASK_SKIP("no extended attributes here");
  copied({scene.src, scene.dst});
  give(scene.src / "f", "user.later", "1");
  Command command = copy_command({scene.src, scene.dst});
  Fault fault;
  fault.calls = "listxattrat";
  fault.error = EPERM;
  fault.under = scene.here.path();
  fault.every = 1;
  const FaultInjection injection(fault, command);
  const Outcome outcome = run(command);
  INFO(outcome.text());
  CHECK(outcome.code() == 0);
  CHECK(compared(scene.src, scene.dst) == "");
}
