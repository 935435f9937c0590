#include "base/unique_fd.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <utility>

using mtask::UniqueFd;

namespace {

int open_null() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }
bool is_open(int fd) { return ::fcntl(fd, F_GETFD) != -1; }

}  // namespace

TEST_CASE("an fd is closed with its owner") {
  const int fd = open_null();
  REQUIRE(fd >= 0);
  { const UniqueFd owner(fd); }
  CHECK_FALSE(is_open(fd));
}

TEST_CASE("moving hands the fd over") {
  UniqueFd first(open_null());
  const int fd = first.get();
  UniqueFd second(std::move(first));
  CHECK(second.get() == fd);
  UniqueFd third(open_null());
  const int replaced = third.get();
  third = std::move(second);
  CHECK(third.get() == fd);
  CHECK_FALSE(is_open(replaced));
  CHECK(third.release() == fd);
  CHECK_FALSE(third);
  CHECK(is_open(fd));
  ::close(fd);
}

TEST_CASE("closing in silence leaves errno alone") {
  UniqueFd bad(1 << 28);  // no such fd: close(2) fails
  errno = ENOSPC;
  bad.reset();
  CHECK(errno == ENOSPC);
}

TEST_CASE("close tells what close(2) says, and the fd is gone either way") {
  UniqueFd good(open_null());
  CHECK(good.close());
  CHECK_FALSE(good);
  CHECK(good.close());
  UniqueFd bad(1 << 28);
  const auto closed = bad.close();
  REQUIRE_FALSE(closed);
  CHECK(closed.error().code == std::errc::bad_file_descriptor);
  CHECK_FALSE(bad);
}
