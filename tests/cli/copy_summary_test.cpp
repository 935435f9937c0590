// What the summary counts.
#include <unistd.h>

#include <catch2/catch.hpp>

#include "support/copy_command.hpp"
#include "support/files.hpp"
#include "support/temp_dir.hpp"

namespace {

using namespace mtask::test;
namespace fs = std::filesystem;

constexpr off_t kHuge = off_t{300} << 20;  // copied in ranges
constexpr off_t kData = 64 * 1024;         // of it; the rest is a hole

void make_huge(const fs::path& path) {
  const Fd fd = open_at(AT_FDCWD, path, O_WRONLY | O_CREAT, 0644);
  write_at(fd, pattern(kData, 1), kHuge / 2);
  if (::ftruncate(fd, kHuge) != 0) fail_with_errno("ftruncate");
}

// Neither is it replaced.
void block_name(const fs::path& path) {
  fs::create_directories(path);
  write_file(path / "inside", "stays");
}

}  // namespace

TEST_CASE("the summary counts the bytes of files that got their name, and of no others") {
  const TempDir here;
  fs::create_directory(here / "src");
  write_file(here / "src" / "small", pattern(1000, 1));
  write_file(here / "src" / "small-blocked", pattern(5000, 1));
  make_huge(here / "src" / "huge");
  make_huge(here / "src" / "huge-blocked");
  block_name(here / "dst" / "small-blocked");
  block_name(here / "dst" / "huge-blocked");
  const Outcome outcome = copy({"--json", "--reflink=never", here / "src", here / "dst"});
  INFO(outcome.text());
  CHECK(outcome.code() == 1);
  const std::string summary = outcome.out.substr(outcome.out.find(R"({"event":"summary")"));
  CHECK_THAT(summary, Catch::Contains(R"("files":2,)") && Catch::Contains(R"("failed":2,)"));
  CHECK_THAT(summary, Catch::Contains("\"bytes\":" + std::to_string(1000 + kData) + ","));
}
