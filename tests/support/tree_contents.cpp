// Sizes and holes.
#include <unistd.h>

#include <utility>

#include "support/tree_parts.hpp"

namespace mtask::test::tree {
namespace {

constexpr off_t kKiB = 1024;
constexpr off_t kMiB = 1024 * kKiB;

// A file of `size` bytes that holds data at the given (offset, length) pairs and holes elsewhere.
void holey(int directory, const std::string& name, off_t size, const std::vector<std::pair<off_t, off_t>>& data) {
  const Fd fd = open_at(directory, name, O_WRONLY | O_CREAT | O_EXCL, 0644);
  if (::ftruncate(fd, size) != 0) fail_with_errno("ftruncate " + name);
  for (const auto& [offset, length] : data) {
    write_at(fd, pattern(static_cast<std::size_t>(length), static_cast<std::uint64_t>(offset)), offset);
  }
}

}  // namespace

void contents(const Site& site) {
  for (const unsigned size :
       {0U, 1U, 2U, 4095U, 4096U, 4097U, 65535U, 262143U, 262144U, 262145U, 1048576U, 1048577U, 5000011U}) {
    write_file_at(site.directory, "size-" + std::to_string(size), pattern(size, size));
  }
  write_file_at(site.directory, "zeros", std::string(100'000, '\0'));
}

void sparse(const Site& site) {
  holey(site.directory, "leading", kMiB + 64 * kKiB, {{kMiB, 64 * kKiB}});
  holey(site.directory, "trailing", 3 * kMiB, {{0, 64 * kKiB}});
  holey(site.directory, "middle", 2 * kMiB, {{0, 64 * kKiB}, {2 * kMiB - 64 * kKiB, 64 * kKiB}});
  holey(site.directory, "last-byte", kMiB + 1, {{kMiB, 1}});
  holey(site.directory, "odd-end", kMiB + 4321, {{64 * kKiB, 4096}});
  holey(site.directory, "only-hole", 1024 * kMiB, {});
  holey(site.directory, "small-hole", 10'000, {});
  std::vector<std::pair<off_t, off_t>> comb;
  for (off_t i = 0; i < 32; ++i) comb.emplace_back(i * 128 * kKiB, 64 * kKiB);
  holey(site.directory, "comb", 32 * 128 * kKiB, comb);
}

void big_file(const Site& site) {
  holey(site.directory, "big", 300 * kMiB + 12'345,
        {{0, kMiB}, {63 * kMiB, 2 * kMiB}, {130 * kMiB, 8 * kMiB}, {255 * kMiB, 2 * kMiB}, {300 * kMiB, 12'345}});
}

}  // namespace mtask::test::tree
