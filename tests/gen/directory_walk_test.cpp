// Walking directories that are deep, or change under the walk.
#include "gen/directory_walk.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "support/files.hpp"
#include "support/temp_dir.hpp"

namespace {

using namespace mtask;
using gen::DirectoryWalk;

struct Walked {
  std::vector<std::string> paths;  // below the root
  std::vector<std::string> errors;
};

Walked walk(const std::string& root) {
  DirectoryWalk walk(root);
  DirectoryWalk::Entry entry;
  Walked walked;
  for (;;) {
    const auto step = walk.next(entry);
    if (!step) {
      walked.errors.push_back(step.error().context);
    } else if (*step == DirectoryWalk::Step::kEnd) {
      return walked;
    } else {
      walked.paths.push_back(entry.path.substr(root.size()));
    }
  }
}

TEST_CASE("a walk goes deeper than a path can be long and than files may be open, and comes back") {
  const test::TempDir directory;
  const std::string root = directory.path();
  constexpr std::size_t kDepth = 3000;
  UniqueFd at(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (std::size_t i = 0; i < kDepth; ++i) {
    REQUIRE(::mkdirat(at.get(), "d", 0755) == 0);
    const UniqueFd file(::openat(at.get(), "z", O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    REQUIRE(file);
    at.reset(::openat(at.get(), "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    REQUIRE(at);
  }
  const Walked walked = walk(root);
  CHECK(walked.errors.empty());
  REQUIRE(walked.paths.size() == 1 + 2 * kDepth);
  CHECK(walked.paths[kDepth].size() == 2 * kDepth);
  CHECK(walked.paths.back() == "/z");
}

TEST_CASE("an entry's path is the root as it was given and the names") {
  const test::TempDir directory;
  test::write_file(directory.path() / "a", "");
  CHECK(walk(directory.path().string() + "/").paths == std::vector<std::string>{"", "a"});
  CHECK(walk(directory.path().string()).paths == std::vector<std::string>{"", "/a"});
}

TEST_CASE("a directory that is gone when the walk comes to it is an error, and the walk goes on") {
  const test::TempDir directory;
  std::filesystem::create_directory(directory.path() / "a");
  test::write_file(directory.path() / "b", "");
  DirectoryWalk walk(directory.path());
  DirectoryWalk::Entry entry;
  REQUIRE(walk.next(entry));
  REQUIRE(walk.next(entry));
  CHECK(entry.name == "a");
  std::filesystem::remove(directory.path() / "a");
  const auto failed = walk.next(entry);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code.value() == ENOENT);
  REQUIRE(walk.next(entry));
  CHECK(entry.name == "b");
  CHECK(walk.next(entry).value() == DirectoryWalk::Step::kEnd);
}

TEST_CASE("a directory replaced by a link is not followed") {
  const test::TempDir directory;
  std::filesystem::create_directory(directory.path() / "a");
  DirectoryWalk walk(directory.path());
  DirectoryWalk::Entry entry;
  REQUIRE(walk.next(entry));
  REQUIRE(walk.next(entry));
  CHECK(entry.type == 'd');
  std::filesystem::remove(directory.path() / "a");
  std::filesystem::create_directory_symlink("/", directory.path() / "a");
  CHECK_FALSE(walk.next(entry));
  CHECK(walk.next(entry).value() == DirectoryWalk::Step::kEnd);
}

TEST_CASE("what is below an entry can be passed over") {
  const test::TempDir directory;
  std::filesystem::create_directories(directory.path() / "a" / "b");
  DirectoryWalk walk(directory.path());
  DirectoryWalk::Entry entry;
  REQUIRE(walk.next(entry));
  REQUIRE(walk.next(entry));
  walk.skip();
  CHECK(walk.next(entry).value() == DirectoryWalk::Step::kEnd);
}

}  // namespace
