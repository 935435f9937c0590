// What happens to what is already there.
#include <sys/xattr.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "support/copy_command.hpp"
#include "support/files.hpp"
#include "support/manifest.hpp"
#include "support/temp_dir.hpp"

namespace {

using namespace mtask::test;
namespace fs = std::filesystem;

constexpr timespec kOld{1'000'000'000, 123'456'789};
constexpr timespec kNew{1'100'000'000, 987'654'321};

// A source and a copy of it, of three files.
struct Pair {
  TempDir here;
  fs::path src = here / "src";
  fs::path dst = here / "dst";

  Pair() {
    fs::create_directory(src);
    for (const char* name : {"a", "b", "c"}) {
      write_file(src / name, std::string("content of ") + name);
      set_mtime(src / name, kOld);
    }
    again();
  }
  void again(std::vector<std::string> options = {}, int code = 0) {
    options.insert(options.end(), {src, dst});
    const Outcome outcome = copy(options);
    INFO(outcome.text());
    REQUIRE(outcome.code() == code);
  }
};

ino_t inode(const fs::path& path) { return stat_of(path).st_ino; }

}  // namespace

TEST_CASE("a second run leaves what is the same and replaces what has changed") {
  Pair pair;
  const auto before = identities(pair.dst);
  pair.again();
  CHECK(changed(before, identities(pair.dst)) == "");

  write_file(pair.src / "b", "CONTENT OF B");  // the same size, another time
  pair.again();
  CHECK(compared(pair.src, pair.dst) == "");
}

TEST_CASE("a difference of one nanosecond, or of one byte in size, is a change") {
  Pair pair;
  write_file(pair.src / "a", "CONTENT of a");
  set_mtime(pair.src / "a", {kOld.tv_sec, kOld.tv_nsec + 1});
  write_file(pair.src / "b", "content of b, longer");
  set_mtime(pair.src / "b", kOld);
  pair.again();
  CHECK(compared(pair.src, pair.dst) == "");
}

TEST_CASE("the same size and time are taken for the same content, unless --checksum looks") {
  Pair pair;
  write_file(pair.src / "a", "CONTENT OF A");
  set_mtime(pair.src / "a", kOld);
  pair.again();
  CHECK(read_file(pair.dst / "a") == "content of a");
  const ino_t kept = inode(pair.dst / "b");
  pair.again({"--checksum"});
  CHECK(read_file(pair.dst / "a") == "CONTENT OF A");
  CHECK(inode(pair.dst / "b") == kept);
}

TEST_CASE("--checksum does not write again what differs in time alone") {
  Pair pair;
  const ino_t kept = inode(pair.dst / "a");
  set_mtime(pair.src / "a", kNew);
  pair.again({"--checksum"});
  CHECK(inode(pair.dst / "a") == kept);
  CHECK(compared(pair.src, pair.dst) == "");
}

TEST_CASE("metadata alone is mended without copying the content") {
  Pair pair;
  const ino_t kept = inode(pair.dst / "a");
  REQUIRE(::chmod((pair.src / "a").c_str(), 0751) == 0);
  REQUIRE(::chmod((pair.dst / "b").c_str(), 0700) == 0);
  const bool xattrs = ::setxattr((pair.src / "a").c_str(), "user.new", "1", 1, 0) == 0;
  if (xattrs) {
    // Attributes are compared where the source's inode was changed after the copy's.
    REQUIRE(::setxattr((pair.dst / "c").c_str(), "user.stale", "1", 1, 0) == 0);
    REQUIRE(::setxattr((pair.src / "c").c_str(), "user.fresh", "1", 1, 0) == 0);
  }
  pair.again();
  CHECK(inode(pair.dst / "a") == kept);
  CHECK(compared(pair.src, pair.dst) == "");
}

TEST_CASE("--update=none keeps whatever is there, and still makes what is missing") {
  Pair pair;
  write_file(pair.src / "a", "newer and longer content");
  write_file(pair.src / "new", "new");
  pair.again({"--update=none"});
  CHECK(read_file(pair.dst / "a") == "content of a");
  CHECK(read_file(pair.dst / "new") == "new");
}

TEST_CASE("--update=older replaces only what is older than its source") {
  Pair pair;
  write_file(pair.src / "a", "newer in the source");
  set_mtime(pair.src / "a", kNew);
  write_file(pair.dst / "b", "newer in the destination");
  set_mtime(pair.dst / "b", kNew);
  pair.again({"--update=older"});
  CHECK(read_file(pair.dst / "a") == "newer in the source");
  CHECK(read_file(pair.dst / "b") == "newer in the destination");
}

TEST_CASE("--update=all replaces everything") {
  Pair pair;
  write_file(pair.dst / "a", "CONTENT OF A");
  set_mtime(pair.dst / "a", kOld);
  pair.again({"--update=all"});
  CHECK(compared(pair.src, pair.dst) == "");
}

TEST_CASE("a replaced file is a new file: whoever holds the old one keeps it whole") {
  Pair pair;
  fs::create_hard_link(pair.dst / "a", pair.here / "held");
  write_file(pair.src / "a", "replaced");
  pair.again();
  CHECK(read_file(pair.here / "held") == "content of a");
  CHECK(read_file(pair.dst / "a") == "replaced");
}

TEST_CASE("--backup keeps what is replaced, under its name and the suffix") {
  Pair pair;
  write_file(pair.src / "a", "second version");
  pair.again({"--backup"});
  CHECK(read_file(pair.dst / "a") == "second version");
  CHECK(read_file(pair.dst / "a~") == "content of a");
  write_file(pair.src / "a", "third version!!");
  pair.again({"--backup=.old"});
  CHECK(read_file(pair.dst / "a.old") == "second version");
  CHECK(read_file(pair.dst / "a~") == "content of a");
  CHECK_FALSE(entry_exists(pair.dst / "b.old"));
}

TEST_CASE("what has become another type is replaced") {
  Pair pair;
  fs::remove(pair.src / "a");
  fs::create_symlink("b", pair.src / "a");
  fs::remove(pair.src / "b");
  fs::create_directory(pair.src / "b");
  write_file(pair.src / "b" / "inside", "inside");
  fs::remove(pair.src / "c");
  REQUIRE(::mkfifo((pair.src / "c").c_str(), 0600) == 0);
  pair.again();
  CHECK(compared(pair.src, pair.dst) == "");

  // And back: the directory is not empty, so its loss must be asked for.
  fs::remove_all(pair.src / "b");
  write_file(pair.src / "b", "a file again");
  const Outcome refused = copy({pair.src, pair.dst});
  INFO(refused.text());
  CHECK(refused.code() == 1);
  CHECK(read_file(pair.dst / "b" / "inside") == "inside");
  pair.again({"--delete"});
  CHECK(compared(pair.src, pair.dst) == "");
}

TEST_CASE("a symlink that points elsewhere is replaced, and never followed") {
  Pair pair;
  fs::create_directory(pair.here / "outside");
  write_file(pair.here / "outside" / "a", "untouched");
  fs::remove(pair.dst / "a");
  fs::create_symlink(pair.here / "outside" / "a", pair.dst / "a");
  fs::remove(pair.src / "b");
  fs::create_symlink("new-target", pair.src / "b");
  pair.again();
  CHECK(read_file(pair.here / "outside" / "a") == "untouched");
  CHECK(compared(pair.src, pair.dst) == "");
}

TEST_CASE("groups of hard links are made again when one of their names has changed") {
  Pair pair;
  fs::create_hard_link(pair.src / "a", pair.src / "a2");
  fs::create_hard_link(pair.src / "a", pair.src / "a3");
  pair.again();
  CHECK(compared(pair.src, pair.dst) == "");
  write_file(pair.src / "a", "all three change");
  pair.again();
  CHECK(compared(pair.src, pair.dst) == "");
  fs::remove(pair.src / "a3");
  write_file(pair.src / "a3", "on its own now");
  pair.again();
  CHECK(compared(pair.src, pair.dst) == "");
  CHECK(stat_of(pair.dst / "a").st_nlink == 2);
}

TEST_CASE("--no-preserve leaves the named parts to the system") {
  Pair pair;
  fs::create_hard_link(pair.src / "a", pair.src / "a2");
  REQUIRE(::chmod((pair.src / "a").c_str(), 0600) == 0);
  fs::remove_all(pair.dst);
  pair.again({"--no-preserve=links,timestamps"});
  CHECK(stat_of(pair.dst / "a").st_nlink == 1);
  CHECK(stat_of(pair.dst / "a").st_mtim.tv_sec != kOld.tv_sec);
  CHECK((stat_of(pair.dst / "a").st_mode & 07777U) == 0600);
}

TEST_CASE("--preserve keeps what it lists and nothing else, less what --no-preserve takes away") {
  const TempDir here;
  fs::create_directory(here / "src");
  write_file(here / "src" / "a", "a");
  fs::create_hard_link(here / "src" / "a", here / "src" / "b");
  REQUIRE(::chmod((here / "src" / "a").c_str(), 0600) == 0);
  set_mtime(here / "src" / "a", kOld);
  CHECK(copy({"--preserve=timestamps,links", here / "src", here / "two"}).code() == 0);
  CHECK(stat_of(here / "two" / "a").st_mtim.tv_nsec == kOld.tv_nsec);
  CHECK(stat_of(here / "two" / "a").st_nlink == 2);
  CHECK((stat_of(here / "two" / "a").st_mode & 07777U) != 0600);
  CHECK(copy({"--preserve=timestamps,links", "--no-preserve=links", here / "src", here / "one"}).code() == 0);
  CHECK(stat_of(here / "one" / "a").st_nlink == 1);
  CHECK(stat_of(here / "one" / "a").st_mtim.tv_nsec == kOld.tv_nsec);
}

TEST_CASE("--dry-run tells each change and makes none") {
  Pair pair;
  write_file(pair.src / "a", "another content");
  fs::create_directory(pair.src / "new-directory");
  write_file(pair.src / "new-directory" / "new-file", "new");
  const auto before = identities(pair.dst);
  const Outcome outcome = copy({"--dry-run", pair.src, pair.dst});
  INFO(outcome.text());
  CHECK(outcome.code() == 0);
  const std::string told = outcome.out + outcome.err;
  CHECK_THAT(told, Catch::Contains("new-directory") && Catch::Contains("new-file"));
  CHECK(changed(before, identities(pair.dst)) == "");
  CHECK_FALSE(entry_exists(pair.dst / "new-directory"));

  const Outcome fresh = copy({"--dry-run", pair.src, pair.here / "fresh"});
  CHECK(fresh.code() == 0);
  CHECK_FALSE(entry_exists(pair.here / "fresh"));
}

TEST_CASE("a backup never takes the name of another entry of the source, nor what this run has made") {
  const TempDir here;
  fs::create_directories(here / "src");
  fs::create_directories(here / "dst");
  for (unsigned i = 0; i < 300; ++i) {
    const std::string name = std::to_string(i);
    write_file(here / "src" / name, "new " + name);
    write_file(here / "src" / (name + "~"), "tilde " + name);
    write_file(here / "dst" / name, "what was there: " + name);
  }
  const Outcome outcome = copy({"--backup", here / "src", here / "dst"});
  INFO(outcome.text());
  CHECK(outcome.code() == 0);
  for (unsigned i = 0; i < 300; ++i) {
    const std::string name = std::to_string(i);
    REQUIRE(read_file(here / "dst" / name) == "new " + name);
    REQUIRE(read_file(here / "dst" / (name + "~")) == "tilde " + name);
    REQUIRE(read_file(here / "dst" / (name + "~~")) == "what was there: " + name);
  }
}

TEST_CASE("--update=none and older keep a file that appears while its source is copied") {
  const std::string choice = GENERATE("none", "older");
  const TempDir here;
  fs::create_directory(here / "dst");
  write_file(here / "file", pattern(1 << 20, 1));
  set_mtime(here / "file", {1'600'000'000, 0});
  Background command(copy_command({"--update=" + choice, "--limit-rate=1M", here / "file", here / "dst"}));
  REQUIRE_FALSE(command.ended_within(std::chrono::milliseconds(300)));
  write_file(here / "dst" / "file", "precious");
  const Outcome outcome = command.wait();
  INFO(outcome.text());
  CHECK(outcome.code() == 0);
  CHECK(read_file(here / "dst" / "file") == "precious");
}

TEST_CASE("--checksum finds data in holes, and doesn't read what is a hole on both sides") {
  const TempDir here;
  fs::create_directories(here / "src");
  const auto make = [](const fs::path& path, off_t at, const std::string& bytes) {
    const Fd fd = open_at(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    write_at(fd, bytes, at);
    if (::ftruncate(fd, off_t{1} << 40) != 0) fail_with_errno("ftruncate");
    set_mtime(path, {1'000'000'000, 0});
  };
  make(here / "src" / "sparse", off_t{1} << 33, "data");
  Command command = copy_command({"--reflink=never", "--checksum", here / "src", here / "dst"});
  command.timeout = std::chrono::seconds(60);  // reading 1 TiB takes longer
  REQUIRE(run(command).code() == 0);
  const Outcome same = run(command);
  INFO(same.text());
  CHECK(same.code() == 0);
  CHECK_THAT(same.err, Catch::Contains("nothing to do"));
  for (const auto& [at, bytes] : {std::pair{off_t{1} << 33, "dat4"}, std::pair{off_t{3} << 38, "more"}}) {
    make(here / "dst" / "sparse", at, bytes);
    CHECK_THAT(run(command).err, Catch::Contains("1 file,"));
    CHECK_THAT(run(command).err, Catch::Contains("nothing to do"));
  }
}
