// The number of CPUs obeys the limits of control groups.
#include <catch2/catch.hpp>
#include <filesystem>

#include "os/cpus.hpp"
#include "support/files.hpp"
#include "support/temp_dir.hpp"

namespace {

using mtask::os::cpu_quota;
using namespace mtask::test;

void limit(const std::filesystem::path& group, const std::string& cpu_max) {
  std::filesystem::create_directories(group);
  write_file(group / "cpu.max", cpu_max);
}

TEST_CASE("a quota is rounded up to whole CPUs") {
  const TempDir mount;
  limit(mount / "app", "150000 100000\n");
  CHECK(cpu_quota("0::/app\n", mount.path()) == 2U);
  limit(mount / "app", "1000 100000\n");
  CHECK(cpu_quota("0::/app\n", mount.path()) == 1U);
  limit(mount / "app", "400000 100000\n");
  CHECK(cpu_quota("12:cpuset:/old\n0::/app\n", mount.path()) == 4U);
}

TEST_CASE("the tightest of the groups above counts") {
  const TempDir mount;
  limit(mount / "a", "200000 100000\n");
  limit(mount / "a/b", "800000 100000\n");
  limit(mount / "a/b/c", "max 100000\n");
  CHECK(cpu_quota("0::/a/b/c\n", mount.path()) == 2U);
}

TEST_CASE("no limit is no quota") {
  const TempDir mount;
  limit(mount / "a", "max 100000\n");
  CHECK_FALSE(cpu_quota("0::/a\n", mount.path()));
  CHECK_FALSE(cpu_quota("0::/missing\n", mount.path()));
  CHECK_FALSE(cpu_quota("1:cpu:/a\n", mount.path()));
  CHECK_FALSE(cpu_quota("", mount.path()));
  limit(mount / "a", "nonsense");
  CHECK_FALSE(cpu_quota("0::/a\n", mount.path()));
}

TEST_CASE("there is always a CPU") {
  CHECK(mtask::os::usable_cpus() >= 1);
  CHECK(mtask::os::usable_cpus() <= 256);
}

}  // namespace
