#pragma once
// What two open files hold, and where their holes are.

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

namespace mtask::test {

// Empty when the first `size` bytes are equal, else where they differ first. Regions that are holes in both are not
// read, so that files of a gigabyte of nothing cost nothing. Throws std::system_error.
[[nodiscard]] std::string content_difference(int a, int b, off_t size);

// [begin, end) of every stretch of data, ascending; the whole file where the file system knows no holes.
[[nodiscard]] std::vector<std::pair<off_t, off_t>> hole_map(int fd, off_t size);

}  // namespace mtask::test
