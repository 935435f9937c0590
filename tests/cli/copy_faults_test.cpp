// System calls that fail: the error is told or the call finished, and never is a wrong file passed off as right.
#include <catch2/catch.hpp>
#include <cerrno>

#include "support/copy_command.hpp"
#include "support/fault.hpp"
#include "support/files.hpp"
#include "support/manifest.hpp"
#include "support/temp_dir.hpp"
#include "support/versions.hpp"

namespace {

using namespace mtask::test;
namespace fs = std::filesystem;

struct Scene {
  TempDir here{fast_temp_root()};
  fs::path src = here / "src";
  fs::path old = here / "old";
  fs::path dst = here / "dst";

  Scene() {
    VersionOptions options;
    options.directories = 8;
    options.files_each = 30;
    options.large = 3;
    make_version(src, 1, options);
    make_version(old, 2, options);
  }
  // The destination: empty, or with an older version of everything.
  void reset(bool with_old) const {
    remove_tree(dst);
    if (with_old) REQUIRE(copy({old, dst}).code() == 0);
  }
};

struct Trouble {
  const char* calls;
  int error;
  bool in_source;
  unsigned permille;
  std::vector<std::string> options = {};
};

// Trouble that may not be seen from outside at all.
const std::vector<Trouble> kHarmless = {
    {"read,pread,copy_file_range", EINTR, true, 300},
    {"write,pwrite,copy_file_range", EINTR, false, 300},
    {"read,pread,copy_file_range", 0, true, 500},
    {"write,pwrite,copy_file_range", 0, false, 500},
    {"openat,open", EINTR, true, 100},
    {"openat,open", EINTR, false, 100},
    {"fallocate", EOPNOTSUPP, false, 1000},
    {"copy_file_range", EXDEV, false, 1000},
    {"fsync,fdatasync", EINTR, false, 300, {"--fsync=each"}},
};

// Trouble that fails entries.
const std::vector<Trouble> kHarmful = {
    {"read,pread,copy_file_range", EIO, true, 50},
    {"openat,open", EIO, true, 20},
    {"openat,open", EMFILE, true, 20},
    {"write,pwrite,copy_file_range", EIO, false, 50},
    {"write,pwrite,copy_file_range", ENOSPC, false, 20},
    {"openat,open", EIO, false, 20},
    {"openat,open", EMFILE, false, 20},
    {"openat,open", ENOSPC, false, 20},
    {"linkat", EIO, false, 100},
    {"renameat", EIO, false, 100},
    {"mkdirat", EIO, false, 200},
    {"mkdirat", ENOSPC, false, 200},
    {"symlinkat", EIO, false, 200},
    {"fchmod,fchown", EIO, false, 50},
    {"futimens,utimensat", EIO, false, 50},
    {"ftruncate,fallocate", EIO, false, 100},
    {"unlinkat", EIO, false, 200},
    {"fsync,fdatasync", EIO, false, 50, {"--fsync=each"}},
    {"read,pread,copy_file_range", EIO, false, 50, {"--verify"}},
    {"read,pread", EIO, false, 50, {"--checksum"}},
};

Outcome run_with(const Scene& scene, const Trouble& trouble, std::uint64_t seed, std::uint64_t& injected) {
  std::vector<std::string> args = trouble.options;
  args.insert(args.end(), {scene.src, scene.dst});
  Command command = copy_command(args);
  Fault fault;
  fault.calls = trouble.calls;
  fault.error = trouble.error;
  fault.under = trouble.in_source ? scene.src : scene.dst;
  fault.permille = trouble.permille;
  fault.seed = seed;
  const FaultInjection injection(fault, command);
  Outcome outcome = run(command);
  injected = injection.injected();
  return outcome;
}

std::string told(const Trouble& trouble) {
  return std::string(trouble.calls) + " with errno " + std::to_string(trouble.error) +
         (trouble.in_source ? " in the source" : " in the destination");
}

}  // namespace

TEST_CASE("interrupted calls and short reads and writes are finished") {
  const Scene scene;
  for (const bool with_old : {false, true}) {
    for (const Trouble& trouble : kHarmless) {
      INFO(told(trouble) << (with_old ? ", updating" : ""));
      scene.reset(with_old);
      std::uint64_t injected = 0;
      const Outcome outcome = run_with(scene, trouble, 1, injected);
      INFO("injected " << injected << ", " << outcome.text());
      CHECK(outcome.code() == 0);
      CHECK(compared(scene.src, scene.dst) == "");
    }
  }
}

TEST_CASE("a failing call fails its entry with a message, leaves nothing torn, and the next run completes the tree") {
  const Scene scene;
  std::uint64_t seed = 0;
  for (const bool with_old : {false, true}) {
    for (const Trouble& trouble : kHarmful) {
      INFO(told(trouble) << (with_old ? ", updating" : ""));
      scene.reset(with_old);
      std::uint64_t injected = 0;
      const Outcome outcome = run_with(scene, trouble, ++seed, injected);
      INFO("injected " << injected << ", " << outcome.text());
      if (outcome.code() == 0) {
        CHECK(compared(scene.src, scene.dst) == "");
      } else {
        CHECK((outcome.code() == 1 || outcome.code() == 3));
        CHECK_THAT(outcome.err, Catch::Contains("mtask copy: "));
        CHECK(torn_content(scene.dst, {scene.src, scene.old}) == "");
      }
      const Outcome again = copy({scene.src, scene.dst});
      INFO("again: " << again.text());
      CHECK(again.code() == 0);
      CHECK(compared(scene.src, scene.dst) == "");
    }
  }
}

TEST_CASE("the faults reach the calls that matter") {
  const Scene scene;
  for (const Trouble& trouble : std::vector<Trouble>{{"read,pread,copy_file_range", EIO, true, 1000},
                                                     {"write,pwrite,copy_file_range", EIO, false, 1000},
                                                     {"openat", EIO, true, 1000},
                                                     {"openat", EIO, false, 1000},
                                                     {"mkdirat", EIO, false, 1000}}) {
    INFO(told(trouble));
    scene.reset(false);
    fs::create_directory(scene.dst);
    std::uint64_t injected = 0;
    const Outcome outcome = run_with(scene, trouble, 1, injected);
    INFO(outcome.text());
    CHECK(injected > 0);
    CHECK((outcome.code() == 1 || outcome.code() == 3));
  }
}

TEST_CASE("the first, second, … of each call may be the one that fails") {
  const Scene scene;
  for (const char* calls : {"openat", "read,pread", "write,pwrite", "linkat", "mkdirat"}) {
    for (const std::uint64_t nth : {1U, 2U, 5U, 40U}) {
      INFO("call " << nth << " of " << calls);
      scene.reset(false);
      Command command = copy_command({scene.src, scene.dst});
      Fault fault;
      fault.calls = calls;
      fault.error = EIO;
      fault.under = std::string(calls).rfind("read", 0) == 0 ? scene.src : scene.dst;
      fault.nth = nth;
      const FaultInjection injection(fault, command);
      const Outcome outcome = run(command);
      INFO("injected " << injection.injected() << ", " << outcome.text());
      CHECK((outcome.code() == 0 || outcome.code() == 1 || outcome.code() == 3));
      if (outcome.code() == 0) CHECK(compared(scene.src, scene.dst) == "");
      CHECK(torn_content(scene.dst, {scene.src}) == "");
    }
  }
}

TEST_CASE("what a file system says no earlier than on closing a file fails that file") {
  const Scene scene;
  for (const int error : {EIO, EDQUOT}) {
    scene.reset(false);
    fs::create_directory(scene.dst);
    Command command = copy_command({scene.src, scene.dst});
    Fault fault;
    fault.calls = "close,fstatfs";
    fault.error = error;
    fault.under = scene.dst;
    fault.every = 1;
    const FaultInjection injection(fault, command);
    const Outcome outcome = run(command);
    INFO(outcome.text());
    CHECK(outcome.code() == (error == EIO ? 1 : 3));
    CHECK_THAT(outcome.err, Catch::Contains("cannot write"));
    for (const std::string& name : paths_below(scene.dst)) CHECK_FALSE(fs::is_regular_file(scene.dst / name));
  }
}
