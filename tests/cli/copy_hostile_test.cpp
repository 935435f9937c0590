// Trees that another process changes while they are copied, on purpose and with symlinks to outside.
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <optional>

#include "support/copy_command.hpp"
#include "support/disk_image.hpp"
#include "support/environment.hpp"
#include "support/files.hpp"
#include "support/manifest.hpp"
#include "support/processes.hpp"

namespace {

using namespace mtask::test;
namespace fs = std::filesystem;

constexpr unsigned kDirectories = 8;
constexpr unsigned kFiles = 150;
const std::string kCanary = "CANARY: nobody may read this through the tree";

std::string directory_name(unsigned i) { return "d" + std::to_string(i % kDirectories); }
std::string file_name(unsigned i) { return "f" + std::to_string(i % kFiles); }

// src/dN/fN, and outside/ with the same names inside, full of canaries. On ext4 where it can be had: there a read shows
// in the access time.
struct Scene {
  std::string why;
  std::unique_ptr<DiskImage> image = DiskImage::make("ext4", 512ULL << 20U, why);
  std::optional<TempDir> scratch;
  fs::path root;

  Scene() {
    if (image == nullptr) scratch.emplace();
    root = image != nullptr ? image->path() : scratch->path();
    for (unsigned d = 0; d < kDirectories; ++d) {
      fs::create_directories(root / "src" / directory_name(d));
      for (unsigned f = 0; f < kFiles; ++f) {
        write_file(root / "src" / directory_name(d) / file_name(f), pattern(3000, d * kFiles + f));
      }
    }
    fs::create_directories(root / "outside");
    for (unsigned f = 0; f < kFiles; ++f) write_file(root / "outside" / file_name(f), kCanary);
    write_file(root / "outside" / "only-outside", kCanary);
    fs::create_directory(root / "stage");
    fs::create_directory_symlink(root / "outside", root / "stage" / "to-directory");
    fs::create_symlink(root / "outside" / "f0", root / "stage" / "to-file");
    // Reading moves an access time that is older than the modification.
    for (const std::string& name : paths_below(root / "outside")) age(root / "outside" / name);
    age(root / "outside");
  }
  [[nodiscard]] fs::path src() const { return root / "src"; }
  [[nodiscard]] fs::path dst() const { return root / "dst"; }

  // All there is to see of outside/, access times too.
  [[nodiscard]] std::vector<std::string> outside() const {
    std::vector<std::string> seen;
    std::vector<std::string> names = paths_below(root / "outside");
    names.emplace_back(".");
    for (const std::string& name : names) {
      const struct stat st = stat_of(root / "outside" / name);
      seen.push_back(name + " mode " + std::to_string(st.st_mode) + " inode " + std::to_string(st.st_ino) + " read " +
                     std::to_string(st.st_atim.tv_sec) + " changed " + std::to_string(st.st_ctim.tv_sec) + "." +
                     std::to_string(st.st_ctim.tv_nsec));
    }
    std::sort(seen.begin(), seen.end());
    return seen;
  }
  // Names of copied files with outside's content.
  [[nodiscard]] std::string leaked() const {
    std::string found;
    if (!entry_exists(dst())) return found;
    for (const std::string& name : paths_below(dst())) {
      if (S_ISREG(stat_of(dst() / name).st_mode) && read_file(dst() / name).find("CANARY") != std::string::npos) {
        found += name + "\n";
      }
    }
    return found;
  }

 private:
  static void age(const fs::path& path) {
    const timespec times[2] = {{1'000'000'000, 0}, {1'000'000'001, 0}};
    if (::utimensat(AT_FDCWD, path.c_str(), times, 0) != 0) fail_with_errno("utimensat");
  }
};

void exchange(const fs::path& a, const fs::path& b) {
  (void)::renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE);
}

// For the moment between two renames, what was there is a symlink to outside.
void swap_for_a_moment(const Scene& scene, const fs::path& tree, unsigned step) {
  const fs::path directory = tree / directory_name(step / 2);
  const fs::path victim = step % 2 == 0 ? directory : directory / file_name(step * 7);
  const fs::path trap = scene.root / "stage" / (step % 2 == 0 ? "to-directory" : "to-file");
  exchange(victim, trap);
  exchange(victim, trap);
  struct stat st {};
  if (::lstat(trap.c_str(), &st) == 0 && S_ISLNK(st.st_mode)) return;
  // The copier put the real thing in the trap's place, and it came here: set the trap again.
  (void)::rename(trap.c_str(), (trap.string() + "-" + std::to_string(step)).c_str());
  (void)::symlink((scene.root / "outside" / (step % 2 == 0 ? "" : "f0")).c_str(), trap.c_str());
}

Outcome bounded_copy(std::vector<std::string> args) {
  Command command = copy_command(std::move(args));
  command.timeout = std::chrono::seconds(60);
  return run(command);
}

}  // namespace

TEST_CASE("symlinks to outside that flicker in the source are never followed") {
  const Scene scene;
  const auto before = scene.outside();
  {
    const Disturber disturber([&](unsigned step) { swap_for_a_moment(scene, scene.src(), step); });
    for (int round = 0; round < 12; ++round) {
      INFO("round " << round);
      if (round % 3 != 2) remove_tree(scene.dst());
      const Outcome outcome = bounded_copy({scene.src(), scene.dst()});
      INFO(outcome.text());
      CHECK((outcome.code() == 0 || outcome.code() == 1));
      REQUIRE(scene.leaked() == "");
      REQUIRE(changed(before, scene.outside()) == "");
    }
  }
  const Outcome calm = copy({"--delete", scene.src(), scene.dst()});
  INFO(calm.text());
  CHECK(calm.code() == 0);
  CHECK(compared(scene.src(), scene.dst()) == "");
}

TEST_CASE("symlinks to outside that flicker in the destination are never written, deleted or stamped through") {
  const Scene scene;
  const auto before = scene.outside();
  REQUIRE(copy({scene.src(), scene.dst()}).code() == 0);
  {
    const Disturber disturber([&](unsigned step) { swap_for_a_moment(scene, scene.dst(), step); });
    for (int round = 0; round < 12; ++round) {
      INFO("round " << round);
      const Outcome outcome =
          bounded_copy({round % 2 == 0 ? "--update=all" : "--delete", "--fsync=none", scene.src(), scene.dst()});
      INFO(outcome.text());
      CHECK((outcome.code() == 0 || outcome.code() == 1));
      REQUIRE(changed(before, scene.outside()) == "");
    }
  }
  const Outcome calm = copy({"--delete", scene.src(), scene.dst()});
  INFO(calm.text());
  CHECK(calm.code() == 0);
  CHECK(compared(scene.src(), scene.dst()) == "");
}

TEST_CASE("symlinks planted in the destination before the run are replaced, not followed") {
  const Scene scene;
  fs::create_directory(scene.dst());
  fs::create_directory_symlink(scene.root / "outside", scene.dst() / directory_name(0));
  fs::create_directory_symlink("../outside", scene.dst() / directory_name(1));
  fs::create_directory(scene.dst() / directory_name(2));
  fs::create_symlink(scene.root / "outside" / "f0", scene.dst() / directory_name(2) / file_name(0));
  fs::create_symlink(scene.root / "outside" / "made-by-the-copy", scene.dst() / directory_name(2) / file_name(1));
  const auto before = scene.outside();
  for (const char* option : {"--stats", "--delete"}) {
    const Outcome outcome = bounded_copy({option, scene.src(), scene.dst()});
    INFO(option << outcome.text());
    CHECK(outcome.code() == 0);
    CHECK(changed(before, scene.outside()) == "");
    CHECK(compared(scene.src(), scene.dst()) == "");
  }
}

TEST_CASE("files that grow, shrink, vanish and come back are copied as they were at some moment or reported") {
  const Scene scene;
  const fs::path moving = scene.src() / "moving";
  fs::create_directory(moving);
  constexpr unsigned kMoving = 12;
  constexpr std::size_t kMost = 400'000;
  // Whatever the other process does, a file is a beginning of these bytes, and none of them is zero.
  const std::string bytes = pattern(kMost, 42);
  for (unsigned i = 0; i < kMoving; ++i) write_file(moving / std::to_string(i), bytes.substr(0, kMost / 2));
  {
    const Disturber disturber([&](unsigned step) {
      const fs::path path = moving / std::to_string(step % kMoving);
      if (step % 5 == 4) (void)::unlink(path.c_str());
      const Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
      struct stat st {};
      if (fd < 0 || ::fstat(fd, &st) != 0) return;
      const auto size = static_cast<std::size_t>(st.st_size);
      if (step % 3 == 0) {
        (void)!::ftruncate(fd, static_cast<off_t>(size / 3));
      } else {
        const std::size_t more = std::min<std::size_t>(kMost - size, 30'000);
        (void)!::pwrite(fd, bytes.data() + size, more, st.st_size);
      }
    });
    for (int round = 0; round < 12; ++round) {
      INFO("round " << round);
      if (round % 3 == 0) remove_tree(scene.dst());
      const Outcome outcome = bounded_copy({scene.src(), scene.dst()});
      INFO(outcome.text());
      CHECK((outcome.code() == 0 || outcome.code() == 1));
      if (outcome.code() == 1) CHECK_THAT(outcome.err, Catch::Contains("moving/"));
      REQUIRE(entry_exists(scene.dst() / "moving"));
      for (const std::string& name : paths_below(scene.dst() / "moving")) {
        const std::string content = read_file(scene.dst() / "moving" / name);
        if (content != bytes.substr(0, content.size())) FAIL_CHECK(name << " holds bytes the source never had");
      }
      CHECK(temporary_names(scene.dst()).empty());
    }
  }
  const Outcome calm = copy({"--delete", scene.src(), scene.dst()});
  INFO(calm.text());
  CHECK(calm.code() == 0);
  CHECK(compared(scene.src(), scene.dst()) == "");
}

TEST_CASE("directories that are moved about while they are copied do not hold the copy") {
  const Scene scene;
  {
    const Disturber disturber([&](unsigned step) {
      const fs::path from = scene.src() / directory_name(step);
      const fs::path inside = scene.src() / directory_name(step + 1) / "moved";
      (void)::rename(from.c_str(), inside.c_str());
      (void)::rename(inside.c_str(), from.c_str());
    });
    for (int round = 0; round < 8; ++round) {
      remove_tree(scene.dst());
      const Outcome outcome = bounded_copy({scene.src(), scene.dst()});
      INFO(outcome.text());
      CHECK((outcome.code() == 0 || outcome.code() == 1));
      CHECK(scene.leaked() == "");
    }
  }
  const Outcome calm = copy({"--delete", scene.src(), scene.dst()});
  INFO(calm.text());
  CHECK(calm.code() == 0);
  CHECK(compared(scene.src(), scene.dst()) == "");
}

TEST_CASE("a file cut short while all workers copy its ranges is reported or arrives as it then is, never with zeros") {
  std::string why;
  const auto image = DiskImage::make("tmpfs", 2ULL << 30U, why);
  if (image == nullptr) MTASK_SKIP(why);
  const std::string block = pattern(1 << 20, 7);
  {
    const Fd fd = open_at(AT_FDCWD, *image / "src", O_WRONLY | O_CREAT, 0644);
    for (off_t at = 0; at < 260; ++at) write_at(fd, block, at << 20);
  }
  Background command(copy_command({"--limit-rate=500M", *image / "src", *image / "dst"}));
  (void)command.ended_within(std::chrono::milliseconds(150));
  REQUIRE(::truncate((*image / "src").c_str(), 100 << 20) == 0);
  const Outcome outcome = command.wait();
  INFO(outcome.text());
  if (outcome.code() == 0) {
    CHECK(compared(*image / "src", *image / "dst") == "");
  } else {
    CHECK(outcome.code() == 1);
    CHECK_FALSE(entry_exists(*image / "dst"));
  }
  CHECK(temporary_names(image->path()).empty());
}
