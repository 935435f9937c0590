// A whole run with tables of a size that a test can fill.

#include "copy/supervisor.hpp"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "copy/operands.hpp"
#include "os/shared_region.hpp"
#include "support/files.hpp"
#include "support/temp_dir.hpp"

namespace {

using namespace mtask;
namespace fs = std::filesystem;

struct Listener : Events {
  std::vector<std::string> warnings;

  void event(const Event& event) override {
    if (event.kind == Event::Kind::kWarning) warnings.emplace_back(event.detail);
  }
  void progress(const Progress& /*progress*/) override {}
  [[nodiscard]] Detail detail() const override { return Detail::kTroubles; }
  [[nodiscard]] bool progress_wanted() const override { return false; }
};

// As copy::run(), but for the size of the table.
copy::Summary run_with(std::uint32_t link_groups, const copy::Config& config, Listener& listener) {
  UniqueFd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  auto rings = os::SharedRegion::map(workers::EventRing::room() * (config.workers + 1)).value();
  copy::RunState state{config,
                       listener.detail(),
                       std::move(copy::resolve_operands(config).value().roots),
                       copy::FilterRules(),
                       std::nullopt,
                       copy::TemporaryNames(),
                       ::geteuid(),
                       ::getegid(),
                       022,
                       {},
                       copy::Phase::kCopy,
                       0,
                       copy::Board::create(config.workers + 1, 1, link_groups).value(),
                       {}};
  for (std::uint32_t id = 0; id <= config.workers; ++id) state.rings.emplace_back(rings, wake.get());
  copy::Supervisor supervisor(state, listener, StopToken(), std::move(wake));
  REQUIRE(supervisor.work());
  return supervisor.summary(0);
}

// Inodes of the copies of `names`.
std::set<ino_t> inodes(const fs::path& directory, const std::vector<std::string>& names) {
  std::set<ino_t> found;
  for (const std::string& name : names) found.insert(test::stat_of(directory / name).st_ino);
  return found;
}

}  // namespace

TEST_CASE("links that the table has no room for are told once, with their number, and count as a warning") {
  const test::TempDir here;
  const fs::path src = here / "src";
  fs::create_directory(src);
  for (const std::string file : {"a", "b", "c"}) {
    test::write_file(src / file, file);
    fs::create_hard_link(src / file, src / (file + "-too"));
  }
  copy::Config config;
  config.sources = {src};
  config.dereference = true;  // links may lead to any name at any time: no group is forgotten
  const auto files = [&](const fs::path& dst) {
    return inodes(dst, {"a", "b", "c", "a-too", "b-too", "c-too"}).size();
  };

  Listener enough;
  config.destination = here / "enough";
  const copy::Summary all = run_with(3, config, enough);
  CHECK(enough.warnings.empty());
  CHECK(all.warnings == 0);
  CHECK(all.links == 3);
  CHECK(files(config.destination) == 3);

  Listener few;
  config.destination = here / "few";
  const copy::Summary some = run_with(1, config, few);
  REQUIRE(few.warnings.size() == 1);
  CHECK_THAT(few.warnings.front(), Catch::Contains("4 names became separate files") &&
                                       Catch::Contains("copy parts of it in runs of their own"));
  CHECK_THAT(few.warnings.front(), !Catch::Contains("\n"));
  CHECK(some.warnings == 1);
  CHECK(some.failed == 0);
  CHECK(some.links == 1);
  CHECK(files(config.destination) == 5);
  CHECK(test::read_file(here / "few" / "c-too") == "c");
}
