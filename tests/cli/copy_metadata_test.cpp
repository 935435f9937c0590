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
#include "support/places.hpp"
#include "support/temp_dir.hpp"
#include "support/xattrs.hpp"

namespace {

using namespace mtask::test;
namespace fs = std::filesystem;

constexpr const char* kAcl = "system.posix_acl_access";
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
  [[nodiscard]] bool has_xattrs() const {
    return set_xattr(AT_FDCWD, src / "f", "user.probe", "1") == 0 &&
           ::removexattr((src / "f").c_str(), "user.probe") == 0;
  }
};

void give(const fs::path& path, const std::string& key, const std::string& value) {
  if (set_xattr(AT_FDCWD, path, key, value) != 0) fail_with_errno("setxattr " + key);
}

// Runs as an ordinary user, who owns all of the scene by then.
Outcome copy_as_user(const Scene& scene, std::vector<std::string> options = {}) {
  options.insert(options.end(), {scene.src, scene.dst});
  Command command = copy_command(options);
  if (is_root()) {
    const std::string id = std::to_string(kNobody);
    const std::string binary = scene.here / "mtask";  // the build directory may be out of the user's reach
    fs::copy_file(mtask::test::mtask_binary(), binary, fs::copy_options::overwrite_existing);
    for (const std::string& name : paths_below(scene.here.path())) {
      REQUIRE(::lchown((scene.here / name).c_str(), kNobody, kNobody) == 0);
    }
    REQUIRE(::chown(scene.here.path().c_str(), kNobody, kNobody) == 0);
    command.argv[0] = binary;
    command.argv.insert(command.argv.begin(), {"setpriv", "--reuid=" + id, "--regid=" + id, "--clear-groups"});
    command.cwd = scene.here.path();
  }
  return run(command);
}

mode_t mode_of(const fs::path& path) { return stat_of(path).st_mode & 07777U; }

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

TEST_CASE("an ordinary user's attributes arrive with an ACL that denies the owner writing, at once or later") {
  if (is_root() && !has_command("setpriv")) MTASK_SKIP("no setpriv here");
  const Scene scene;
  if (!scene.has_xattrs()) MTASK_SKIP("no extended attributes here");
  give(scene.src / "f", "user.b", "1");
  if (set_xattr(AT_FDCWD, scene.src / "f", kAcl, posix_acl(4, {{99, 4}}, 4, 4, 4)) != 0) MTASK_SKIP("no ACLs here");
  REQUIRE(::chmod((scene.src / "f").c_str(), 0444) == 0);
  const Outcome first = copy_as_user(scene);
  INFO(first.text());
  CHECK(first.code() == 0);
  CHECK(compared(scene.src, scene.dst) == "");

  REQUIRE(::lremovexattr((scene.dst / "f").c_str(), "user.b") == 0);  // as if it could not be set then
  const Outcome second = copy_as_user(scene);
  INFO(second.text());
  CHECK(compared(scene.src, scene.dst) == "");
}

TEST_CASE("an ordinary user's attributes arrive in a directory whose default ACL denies the owner") {
  if (is_root() && !has_command("setpriv")) MTASK_SKIP("no setpriv here");
  const Scene scene;
  if (!scene.has_xattrs()) MTASK_SKIP("no extended attributes here");
  give(scene.src / "f", "user.b", "1");
  fs::create_directory(scene.dst);
  const std::string denying = posix_acl(5, {{99, 4}}, 4, 4, 4);
  if (set_xattr(AT_FDCWD, scene.dst, "system.posix_acl_default", denying) != 0) MTASK_SKIP("no ACLs here");
  const Outcome outcome = copy_as_user(scene);
  INFO(outcome.text());
  CHECK(compared(scene.src / "f", scene.dst / "f") == "");
}

TEST_CASE("where an ACL is not kept, the group gets no more than the ACL gave it, and a second run says so again") {
  const Scene scene;
  if (set_xattr(AT_FDCWD, scene.src / "f", kAcl, posix_acl(6, {{99, 6}}, 0, 6, 0)) != 0) MTASK_SKIP("no ACLs here");
  REQUIRE(mode_of(scene.src / "f") == 0660);
  copied({"--no-preserve=acl", scene.src, scene.here / "without"});
  CHECK(mode_of(scene.here / "without" / "f") == 0600);

  for (const char* run_name : {"first run", "second run"}) {
    INFO(run_name);
    Command command = copy_command({scene.src, scene.dst});
    Fault fault;
    fault.calls = "fsetxattr";
    fault.error = EOPNOTSUPP;
    fault.under = scene.here.path();
    fault.every = 1;
    const FaultInjection injection(fault, command);
    const Outcome outcome = run(command);
    INFO(outcome.text());
    CHECK(outcome.code() == 0);
    CHECK_THAT(outcome.err, Catch::Contains("set the ACL of"));
    CHECK(mode_of(scene.dst / "f") == 0600);
  }
}

TEST_CASE("a directory that denied its owner has its mode back afterwards, with --no-preserve=mode and --update=none") {
  if (is_root() && !has_command("setpriv")) MTASK_SKIP("no setpriv here");
  for (const mode_t mode : {mode_t{0055}, mode_t{0555}}) {
    for (const char* option : {"--no-preserve=mode", "--update=none"}) {
      INFO(option << ", mode " << mode);
      const Scene scene;
      fs::create_directories(scene.src / "d");
      write_file(scene.src / "d" / "inside", "inside");
      fs::create_directories(scene.dst / "d");
      REQUIRE(::chmod((scene.dst / "d").c_str(), mode) == 0);
      const Outcome outcome = copy_as_user(scene, {option});
      INFO(outcome.text());
      CHECK(outcome.code() == 0);
      CHECK(mode_of(scene.dst / "d") == mode);
      CHECK(entry_exists(scene.dst / "d" / "inside"));
    }
  }
}

TEST_CASE("--update=none leaves the modes of existing directories alone, and gives new ones theirs") {
  const Scene scene;
  for (const char* name : {"old", "new"}) {
    fs::create_directory(scene.src / name);
    REQUIRE(::chmod((scene.src / name).c_str(), 0750) == 0);
  }
  fs::create_directories(scene.dst / "old");
  REQUIRE(::chmod((scene.dst / "old").c_str(), 0711) == 0);
  copied({"--update=none", scene.src, scene.dst});
  CHECK(mode_of(scene.dst / "old") == 0711);
  CHECK(mode_of(scene.dst / "new") == 0750);
}

TEST_CASE("with --no-preserve=mode a new directory keeps the set-gid bit that it inherits") {
  const Scene scene;
  fs::create_directories(scene.src / "d" / "e");
  fs::create_directory(scene.dst);
  REQUIRE(::chmod(scene.dst.c_str(), 02755) == 0);
  copied({"--no-preserve=mode", scene.src, scene.dst});
  CHECK((mode_of(scene.dst / "d") & S_ISGID) != 0);
  CHECK((mode_of(scene.dst / "d" / "e") & S_ISGID) != 0);
}

TEST_CASE("root gives owner, set-id bits and capabilities to no contents that somebody else may have put there") {
  if (!is_root()) MTASK_SKIP("giving files away needs root");
  const Scene scene;
  copied({scene.src, scene.dst});
  const auto plant = [&](uid_t owner) {
    fs::remove(scene.dst / "f");
    write_file(scene.dst / "f", "planted", 0755);
    set_mtime(scene.dst / "f", kOld);
    REQUIRE(::chown((scene.dst / "f").c_str(), owner, owner) == 0);
  };
  SECTION("another owner's") {
    REQUIRE(::chmod((scene.src / "f").c_str(), 04755) == 0);
    plant(kNobody);
  }
  SECTION("that were another owner's group") {
    REQUIRE(::chown((scene.src / "f").c_str(), kNobody, 0) == 0);
    REQUIRE(::chmod((scene.src / "f").c_str(), 02755) == 0);
    plant(kNobody);
  }
  SECTION("that are the same owner's, who has less elsewhere") {
    REQUIRE(::chown((scene.src / "f").c_str(), kNobody, kNobody) == 0);
    REQUIRE(::chmod((scene.src / "f").c_str(), 0755) == 0);
    if (set_xattr(AT_FDCWD, scene.src / "f", "security.capability", capability_net_raw()) != 0) {
      MTASK_SKIP("no capabilities here");
    }
    plant(kNobody);
  }
  const Outcome dry = copied({"--dry-run", scene.src, scene.dst});
  CHECK_THAT(dry.out + dry.err, Catch::Contains("replace") || Catch::Contains("1 file"));
  CHECK(read_file(scene.dst / "f") == "planted");
  copied({scene.src, scene.dst});
  CHECK(read_file(scene.dst / "f") == "content");
  CHECK(compared(scene.src, scene.dst) == "");

  const auto before = identities(scene.dst);
  copied({scene.src, scene.dst});
  CHECK(changed(before, identities(scene.dst)) == "");
}

TEST_CASE("names of one file stay together when one of them was planted") {
  if (!is_root()) MTASK_SKIP("giving files away needs root");
  const Scene scene;
  REQUIRE(::chmod((scene.src / "f").c_str(), 04755) == 0);
  fs::create_hard_link(scene.src / "f", scene.src / "g");
  fs::create_hard_link(scene.src / "f", scene.src / "h");
  copied({scene.src, scene.dst});
  REQUIRE(::chown((scene.dst / "f").c_str(), kNobody, kNobody) == 0);  // all three
  fs::remove(scene.dst / "g");
  write_file(scene.dst / "g", "planted");
  set_mtime(scene.dst / "g", kOld);
  copied({scene.src, scene.dst});
  CHECK(compared(scene.src, scene.dst) == "");
}

TEST_CASE("attributes come to a copy that another program, or a run without them, has made") {
  const Scene scene;
  if (!scene.has_xattrs()) MTASK_SKIP("no extended attributes here");
  give(scene.src / "f", "user.early", "1");
  ::usleep(50'000);  // change times are as coarse as the clock of the kernel
  SECTION("another program") {
    if (!has_command("cp")) MTASK_SKIP("no cp here");
    Command command;
    command.argv = {"cp", "-r", "--preserve=mode,ownership,timestamps", scene.src, scene.dst};
    REQUIRE(run(command).code() == 0);
  }
  SECTION("a run without them") { copied({"--no-preserve=xattr,acl", scene.src, scene.dst}); }
  REQUIRE(xattrs_of(AT_FDCWD, scene.dst / "f").empty());
  copied({scene.src, scene.dst});
  CHECK(compared(scene.src, scene.dst) == "");
}
