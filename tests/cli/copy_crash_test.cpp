// Killed at any moment: every name holds the old or the whole new file, and the next run completes the rest.
#include <sys/syscall.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <optional>

#include "support/copy_command.hpp"
#include "support/disk_image.hpp"
#include "support/files.hpp"
#include "support/manifest.hpp"
#include "support/processes.hpp"
#include "support/versions.hpp"

namespace {

using namespace mtask::test;
using std::chrono::microseconds;
namespace fs = std::filesystem;

// A place on ext4 where that can be had, else a scratch directory; two versions of a tree in it.
class Scene {
 public:
  explicit Scene(const VersionOptions& options = {}) {
    std::string why;
    image_ = DiskImage::make("ext4", 2ULL << 30U, why);
    if (image_ == nullptr) scratch_.emplace();
    root_ = image_ != nullptr ? image_->path() : scratch_->path();
    make_version(version(1), 1, options);
    make_version(version(2), 2, options);
    whole_run_ = timed_run();
    remove_tree(dst());
  }
  [[nodiscard]] fs::path version(unsigned number) const { return root_ / ("version-" + std::to_string(number)); }
  [[nodiscard]] fs::path dst() const { return root_ / "dst"; }
  // Waits for moment `index` of `count`, spread over the length of a whole run; false when the command has ended by
  // then, which also corrects that length.
  [[nodiscard]] bool reach_moment(const Background& command, unsigned index, unsigned count) {
    const auto begin = std::chrono::steady_clock::now();
    if (!command.ended_within(whole_run_ * (2 * index + 1) / (2 * count))) return true;
    const auto took = std::chrono::duration_cast<microseconds>(std::chrono::steady_clock::now() - begin);
    whole_run_ = std::min(whole_run_, took);
    return false;
  }
  // After a kill: nothing torn now, and all as in `version` after another run.
  void check_and_complete(unsigned number) const {
    CHECK(torn(dst(), {version(1), version(2)}) == "");
    const Outcome again = copy({version(number), dst()});
    INFO(again.text());
    CHECK(again.code() == 0);
    CHECK(compared(version(number), dst()) == "");
  }

 private:
  microseconds timed_run() const {
    const auto begin = std::chrono::steady_clock::now();
    const Outcome outcome = copy({version(1), dst()});
    INFO(outcome.text());
    REQUIRE(outcome.code() == 0);
    REQUIRE(compared(version(1), dst()) == "");
    return std::chrono::duration_cast<microseconds>(std::chrono::steady_clock::now() - begin);
  }

  std::unique_ptr<DiskImage> image_;
  std::optional<TempDir> scratch_;
  fs::path root_;
  microseconds whole_run_{};
};

// True when one was there to be killed.
bool kill_a_worker(const Background& command, unsigned which) {
  const std::vector<pid_t> workers = descendants(command.pid());
  if (workers.empty()) return false;
  const Fd worker(open_process(workers[which % workers.size()]));
  return worker >= 0 && ::syscall(SYS_pidfd_send_signal, worker.get(), SIGKILL, nullptr, 0) == 0;
}

}  // namespace

TEST_CASE("a first copy killed whole leaves no torn file, and the next run completes it") {
  Scene scene;
  constexpr unsigned kRuns = 17;
  unsigned hits = 0;
  for (unsigned i = 0; i < kRuns; ++i) {
    INFO("kill " << i);
    remove_tree(scene.dst());
    Background command(killable_copy({scene.version(1), scene.dst()}));
    if (scene.reach_moment(command, i, kRuns)) ++hits;
    command.kill_all();
    (void)command.wait();
    scene.check_and_complete(1);
  }
  CHECK(hits > 0);  // else nothing was tested
}

TEST_CASE("an update killed whole leaves each name with the old or the new file") {
  Scene scene;
  constexpr unsigned kRuns = 12;
  REQUIRE(copy({scene.version(2), scene.dst()}).code() == 0);
  unsigned hits = 0;
  for (unsigned i = 0; i < kRuns; ++i) {
    INFO("kill " << i);
    const unsigned number = 1 + i % 2;
    Background command(killable_copy({scene.version(number), scene.dst()}));
    if (scene.reach_moment(command, i, kRuns)) ++hits;
    command.kill_all();
    (void)command.wait();
    scene.check_and_complete(number);
  }
  CHECK(hits > 0);  // else nothing was tested
}

TEST_CASE("a killed worker costs nothing: the run itself ends with 0 and the whole tree") {
  Scene scene;
  constexpr unsigned kRuns = 10;
  unsigned hits = 0;
  for (unsigned i = 0; i < kRuns; ++i) {
    INFO("kill " << i);
    remove_tree(scene.dst());
    Background command(killable_copy({scene.version(1), scene.dst()}));
    if (scene.reach_moment(command, i, kRuns) && kill_a_worker(command, i)) ++hits;
    const Outcome outcome = command.wait();
    INFO(outcome.text());
    CHECK(outcome.code() == 0);
    CHECK(compared(scene.version(1), scene.dst()) == "");
  }
  CHECK(hits > 0);  // else nothing was tested
}

TEST_CASE("when the supervisor is killed its workers end too, and nothing is torn") {
  Scene scene;
  constexpr unsigned kRuns = 6;
  unsigned hits = 0;
  for (unsigned i = 0; i < kRuns; ++i) {
    INFO("kill " << i);
    remove_tree(scene.dst());
    Background command(killable_copy({scene.version(1), scene.dst()}));
    if (scene.reach_moment(command, i, kRuns)) ++hits;
    const std::vector<pid_t> workers = descendants(command.pid());
    ::kill(command.pid(), SIGKILL);
    CHECK(all_ended_within(workers, std::chrono::seconds(20)));
    (void)command.wait();
    scene.check_and_complete(1);
  }
  CHECK(hits > 0);  // else nothing was tested
}

TEST_CASE("a file written in ranges by all workers has its name only when it is whole") {
  VersionOptions options;
  options.directories = 1;
  options.large = 0;
  options.huge = true;
  Scene scene(options);
  constexpr unsigned kRuns = 5;
  for (unsigned i = 0; i < kRuns; ++i) {
    INFO("kill " << i);
    const unsigned number = 1 + i % 2;
    if (i < 3) remove_tree(scene.dst());
    Background command(killable_copy({scene.version(number), scene.dst()}));
    const bool running = scene.reach_moment(command, i, kRuns);
    if (i % 2 == 0) {
      command.kill_all();
      (void)command.wait();
    } else {
      const bool hit = running && kill_a_worker(command, i);
      const Outcome outcome = command.wait();
      INFO("worker killed: " << hit << ", " << outcome.text());
      CHECK(outcome.code() == 0);
      CHECK(compared(scene.version(number), scene.dst()) == "");
    }
    scene.check_and_complete(number);
  }
}

TEST_CASE("Ctrl-C ends a copy cleanly: no temporary name, no torn file, and the next run continues") {
  Scene scene;
  constexpr unsigned kRuns = 5;
  for (unsigned i = 0; i < kRuns; ++i) {
    INFO("interrupt " << i);
    remove_tree(scene.dst());
    Background command(killable_copy({scene.version(1), scene.dst()}));
    (void)scene.reach_moment(command, i, kRuns);
    ::kill(-command.pid(), SIGINT);
    const Outcome outcome = command.wait();
    INFO(outcome.text());
    // Before its signal handler stands, or after all is done, it ends otherwise.
    CHECK((outcome.code() == 128 + SIGINT || outcome.code() == -SIGINT || outcome.code() == 0));
    if (entry_exists(scene.dst())) CHECK(temporary_names(scene.dst()).empty());
    scene.check_and_complete(1);
  }
}
