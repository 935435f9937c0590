// Workers that die at awkward moments: what they held is done again, and being done twice harms nothing.
#include <catch2/catch.hpp>
#include <csignal>

#include "support/copy_command.hpp"
#include "support/disk_image.hpp"
#include "support/files.hpp"
#include "support/manifest.hpp"
#include "support/processes.hpp"
#include "support/versions.hpp"

namespace {

using namespace mtask::test;
using std::chrono::milliseconds;
namespace fs = std::filesystem;

// A place in memory where that can be had: what is killed shall be the program, not the disk's patience.
class Place {
 public:
  Place() {
    std::string why;
    image_ = DiskImage::make("tmpfs", 2ULL << 30U, why);
    if (image_ == nullptr) scratch_.emplace();
  }
  [[nodiscard]] fs::path operator/(const char* name) const {
    return (image_ != nullptr ? image_->path() : scratch_->path()) / name;
  }

 private:
  std::unique_ptr<DiskImage> image_;
  std::optional<TempDir> scratch_;
};

void kill_worker(const Background& command, unsigned which) {
  const std::vector<pid_t> workers = descendants(command.pid());
  if (!workers.empty()) ::kill(workers[which % workers.size()], SIGKILL);
}

// Data without holes and without zeros, larger than what is copied by one worker alone.
void write_big_file(const fs::path& path) {
  const std::string block = pattern(1 << 20, 7);
  const Fd fd = open_at(AT_FDCWD, path, O_WRONLY | O_CREAT, 0644);
  for (off_t at = 0; at < 260; ++at) write_at(fd, block, at << 20);
}

}  // namespace

TEST_CASE("a backup holds what was there before the run, also when a killed worker's items are done again") {
  const Place place;
  VersionOptions options;
  options.large = 0;
  make_version(place / "old", 1, options);
  make_version(place / "new", 2, options);
  for (unsigned round = 0; round < 6; ++round) {
    INFO("round " << round);
    fs::remove_all(place / "dst");
    REQUIRE(copy({place / "old", place / "dst"}).code() == 0);
    Background command(killable_copy({"--update=all", "--backup=.old", place / "new", place / "dst"}));
    for (unsigned i = 0; !command.ended_within(milliseconds(3)); ++i) {
      // Twice: what has cost three workers is given up.
      if (i == 2 * round || i == 2 * round + 3) kill_worker(command, i);
    }
    const Outcome outcome = command.wait();
    INFO(outcome.text());
    CHECK(outcome.code() == 0);
    for (const std::string& path : paths_below(place / "new")) {
      if (!fs::is_regular_file(place / "new" / path)) continue;
      CHECK(read_file(place / "dst" / path) == read_file(place / "new" / path));
      CHECK(read_file(place / "dst" / (path + ".old")) == read_file(place / "old" / path));
    }
  }
}

TEST_CASE("--update=all replaces what only looks the same, also when a worker dies") {
  const Place place;
  constexpr timespec kTime{1'600'000'000, 7};
  const auto make = [&](const char* root, std::uint64_t seed) {
    fs::create_directories(place / root);
    for (unsigned i = 0; i < 600; ++i) {
      const fs::path path = (place / root) / ("file-" + std::to_string(i));
      write_file(path, pattern(20'000, seed + i));
      set_mtime(path, kTime);
    }
  };
  make("src", 1);
  make("old", 100'001);
  for (unsigned round = 0; round < 4; ++round) {
    INFO("round " << round);
    fs::remove_all(place / "dst");
    REQUIRE(copy({place / "old", place / "dst"}).code() == 0);
    Background command(killable_copy({"--update=all", "--backup=.old", place / "src", place / "dst"}));
    for (unsigned i = 0; !command.ended_within(milliseconds(2)); ++i) {
      if (i < 8) kill_worker(command, i);
    }
    const Outcome outcome = command.wait();
    INFO(outcome.text());
    CHECK(outcome.code() == 0);
    for (const std::string& path : paths_below(place / "src")) {
      REQUIRE(read_file(place / "dst" / path) == read_file(place / "src" / path));
      REQUIRE(read_file(place / "dst" / (path + ".old")) == read_file(place / "old" / path));
    }
  }
}

TEST_CASE("other names of a file written in ranges become links to it, whichever worker dies") {
  const Place place;
  fs::create_directories(place / "src" / "deep");
  write_big_file(place / "src" / "a");
  fs::create_hard_link(place / "src" / "a", place / "src" / "b");
  fs::create_hard_link(place / "src" / "a", place / "src" / "deep" / "c");
  for (unsigned victim = 0; victim < 4; ++victim) {  // 3: none
    INFO("victim " << victim);
    fs::remove_all(place / "dst");
    Background command(killable_copy({"--limit-rate=600M", place / "src", place / "dst"}));
    if (victim < 3 && !command.ended_within(milliseconds(150))) kill_worker(command, victim);
    const Outcome outcome = command.wait();
    INFO(outcome.text());
    CHECK(outcome.code() == 0);
    CHECK(compared(place / "src", place / "dst") == "");
  }
}

TEST_CASE("a run whose workers are all killed as they start comes to an end and does not claim success") {
  const Place place;
  VersionOptions options;
  options.directories = 4;
  make_version(place / "src", 1, options);
  Background command(killable_copy({"--limit-rate=100K", place / "src", place / "dst"}));
  while (!command.ended_within(milliseconds(1))) {
    for (const pid_t worker : descendants(command.pid())) ::kill(worker, SIGKILL);
  }
  const Outcome outcome = command.wait();
  INFO(outcome.text());
  CHECK((outcome.code() == 1 || outcome.code() == 3));
  CHECK_FALSE(outcome.err.empty());
  if (entry_exists(place / "dst")) CHECK(torn(place / "dst", {place / "src"}) == "");
}
