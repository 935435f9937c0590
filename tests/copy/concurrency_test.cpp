// How many workers a run gets.

#include "copy/concurrency.hpp"

#include <sched.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>

#include "os/cpus.hpp"
#include "support/disk_image.hpp"
#include "support/environment.hpp"
#include "support/files.hpp"
#include "support/temp_dir.hpp"

namespace {

using namespace mtask;
using copy::useful_workers;
namespace fs = std::filesystem;

constexpr unsigned kWanted = 8;

// One CPU for this process as long as it lives.
class OneCpu {
 public:
  OneCpu() {
    cpu_set_t one;
    CPU_ZERO(&one);
    if (::sched_getaffinity(0, sizeof(before_), &before_) != 0) test::fail_with_errno("sched_getaffinity");
    for (unsigned cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu) {
      if (CPU_ISSET(cpu, &before_)) CPU_SET(cpu, &one);
    }
    if (::sched_setaffinity(0, sizeof(one), &one) != 0) test::fail_with_errno("sched_setaffinity");
  }
  ~OneCpu() { ::sched_setaffinity(0, sizeof(before_), &before_); }
  OneCpu(const OneCpu&) = delete;
  OneCpu& operator=(const OneCpu&) = delete;

 private:
  cpu_set_t before_{};
};

std::shared_ptr<const UniqueFd> opened(const fs::path& path) {
  UniqueFd fd(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!fd) test::fail_with_errno("open");
  return std::make_shared<const UniqueFd>(std::move(fd));
}

copy::Root root(const fs::path& from, const fs::path& to, bool is_directory) {
  copy::Root root;
  root.source_parent = opened(from);
  root.destination_parent = opened(to);
  root.is_directory = is_directory;
  return root;
}

copy::Config config(unsigned workers, copy::Reflink reflink = copy::Reflink::kNever) {
  copy::Config config;
  config.workers = workers;
  config.reflink = reflink;
  return config;
}

}  // namespace

TEST_CASE("a single file gets no more workers than there are CPUs, a directory or several files all") {
  const test::TempDir here;
  const copy::Root file = root(here.path(), here.path(), false);
  const copy::Root directory = root(here.path(), here.path(), true);
  const OneCpu one;
  REQUIRE(os::usable_cpus() == 1);
  CHECK(useful_workers(config(kWanted), {file}) == 1);
  CHECK(useful_workers(config(1), {file}) == 1);
  CHECK(useful_workers(config(kWanted), {directory}) == kWanted);
  CHECK(useful_workers(config(kWanted), {file, file}) == kWanted);
}

TEST_CASE("a single file gets as many workers as are wanted where there are CPUs for them") {
  const test::TempDir here;
  CHECK(useful_workers(config(1), {root(here.path(), here.path(), false)}) == 1);
  const unsigned cpus = os::usable_cpus();
  CHECK(useful_workers(config(cpus), {root(here.path(), here.path(), false)}) == cpus);
  CHECK(useful_workers(config(cpus + 3), {root(here.path(), here.path(), false)}) == cpus);
}

TEST_CASE("a tree that is cloned within btrfs gets no more workers than there are CPUs, any other all") {
  std::string why;
  const auto image = test::DiskImage::make("btrfs", 512ULL << 20U, why);
  if (image == nullptr) MTASK_SKIP(why);
  const auto other = test::DiskImage::make("tmpfs", 1U << 20U, why);
  if (other == nullptr) MTASK_SKIP(why);
  const OneCpu one;
  const auto workers = [](const fs::path& from, const fs::path& to, copy::Reflink reflink) {
    return useful_workers(config(kWanted, reflink), {root(from, to, true)});
  };
  CHECK(workers(image->path(), image->path(), copy::Reflink::kAuto) == 1);
  CHECK(workers(image->path(), image->path(), copy::Reflink::kAlways) == 1);
  CHECK(workers(image->path(), image->path(), copy::Reflink::kNever) == kWanted);
  CHECK(workers(other->path(), image->path(), copy::Reflink::kAuto) == kWanted);
  CHECK(workers(image->path(), other->path(), copy::Reflink::kAuto) == kWanted);
  copy::Root nowhere = root(image->path(), image->path(), true);
  nowhere.destination_parent = nullptr;  // of a dry run
  CHECK(useful_workers(config(kWanted, copy::Reflink::kAuto), {nowhere}) == kWanted);
}
