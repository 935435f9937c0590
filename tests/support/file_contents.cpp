#include "support/file_contents.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "support/files.hpp"

namespace mtask::test {
namespace {

constexpr std::size_t kBlock = 1U << 20U;

void read_whole(int fd, char* buffer, std::size_t size, off_t offset) {
  while (size > 0) {
    const ssize_t n = ::pread(fd, buffer, size, offset);
    if (n < 0) fail_with_errno("pread");
    if (n == 0) {
      std::memset(buffer, 0, size);
      return;
    }
    buffer += n;
    size -= static_cast<std::size_t>(n);
    offset += n;
  }
}

std::string difference_between(int a, int b, off_t begin, off_t end) {
  const std::size_t block = std::min(kBlock, static_cast<std::size_t>(end - begin));
  std::vector<char> in_a(block);
  std::vector<char> in_b(block);
  for (off_t at = begin; at < end;) {
    const std::size_t size = std::min(block, static_cast<std::size_t>(end - at));
    read_whole(a, in_a.data(), size, at);
    read_whole(b, in_b.data(), size, at);
    if (std::memcmp(in_a.data(), in_b.data(), size) != 0) {
      const auto where = std::mismatch(in_a.begin(), in_a.end(), in_b.begin()).first - in_a.begin();
      return "content differs from byte " + std::to_string(at + where);
    }
    at += static_cast<off_t>(size);
  }
  return "";
}

}  // namespace

std::string content_difference(int a, int b, off_t size) {
  std::vector<std::pair<off_t, off_t>> data = hole_map(a, size);
  const std::vector<std::pair<off_t, off_t>> more = hole_map(b, size);
  data.insert(data.end(), more.begin(), more.end());
  std::sort(data.begin(), data.end());
  off_t seen = 0;
  for (const auto& [begin, end] : data) {
    if (end <= seen) continue;
    const std::string difference = difference_between(a, b, std::max(begin, seen), end);
    if (!difference.empty()) return difference;
    seen = end;
  }
  return "";
}

std::vector<std::pair<off_t, off_t>> hole_map(int fd, off_t size) {
  std::vector<std::pair<off_t, off_t>> data;
  off_t at = 0;
  while (at < size) {
    const off_t begin = ::lseek(fd, at, SEEK_DATA);
    if (begin < 0 && errno == ENXIO) break;
    if (begin < 0 && errno == EINVAL) return {{0, size}};
    if (begin < 0) fail_with_errno("SEEK_DATA");
    const off_t end = std::min(::lseek(fd, begin, SEEK_HOLE), size);
    if (end < 0) fail_with_errno("SEEK_HOLE");
    data.emplace_back(begin, end);
    at = end;
  }
  return data;
}

}  // namespace mtask::test
