#include "os/fd_io.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cerrno>
#include <csignal>
#include <string>

#include "base/unique_fd.hpp"
#include "os/child.hpp"
#include "support/files.hpp"

using namespace mtask;

namespace {

volatile std::sig_atomic_t g_alarms = 0;

// A signal every millisecond, whose handler interrupts system calls.
class Alarms {
 public:
  Alarms() {
    g_alarms = 0;
    struct sigaction action {};
    action.sa_handler = [](int) { g_alarms = g_alarms + 1; };
    ::sigaction(SIGALRM, &action, &before_);
    const itimerval every{{0, 1000}, {0, 1000}};
    ::setitimer(ITIMER_REAL, &every, nullptr);
  }
  ~Alarms() {
    const itimerval never{};
    ::setitimer(ITIMER_REAL, &never, nullptr);
    ::sigaction(SIGALRM, &before_, nullptr);
  }
  Alarms(const Alarms&) = delete;
  Alarms& operator=(const Alarms&) = delete;

 private:
  struct sigaction before_ {};
};

struct Ends {
  UniqueFd reader;
  UniqueFd writer;
};

Ends make_pipe() {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

UniqueFd memory_file() {
  UniqueFd fd(::memfd_create("test", MFD_CLOEXEC));
  REQUIRE(fd);
  return fd;
}

}  // namespace

TEST_CASE("a read goes on after short results until all is there") {
  const Ends pipe = make_pipe();
  const std::string bytes = test::pattern(300'000, 1);
  auto child = os::Child::fork([&] {
    std::size_t done = 0;
    while (done < bytes.size()) {  // pieces of odd sizes
      const std::size_t piece = std::min<std::size_t>(1 + done % 977, bytes.size() - done);
      const ssize_t count = ::write(pipe.writer.get(), bytes.data() + done, piece);
      if (count <= 0) return 1;
      done += static_cast<std::size_t>(count);
    }
    return 0;
  });
  REQUIRE(child);
  std::string got(bytes.size(), '\0');
  CHECK(os::read_full(pipe.reader.get(), got.data(), got.size()) == static_cast<ssize_t>(bytes.size()));
  CHECK(got == bytes);
  CHECK(child->reap() == 0);
}

TEST_CASE("a read ends at the end of the file, telling how much there was") {
  Ends pipe = make_pipe();
  REQUIRE(::write(pipe.writer.get(), "abc", 3) == 3);
  pipe.writer.reset();
  char buffer[10];
  CHECK(os::read_full(pipe.reader.get(), buffer, sizeof(buffer)) == 3);
  CHECK(os::read_full(pipe.reader.get(), buffer, sizeof(buffer)) == 0);
}

TEST_CASE("reads and writes survive interrupting signals") {
  int ends[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  const UniqueFd ours(ends[0]);
  UniqueFd theirs(ends[1]);
  const std::string bytes = test::pattern(4'000'000, 2);
  // The child sends back what it gets, all of it at the end: both sides have to wait.
  auto child = os::Child::fork([&] {
    const Alarms alarms;
    std::string got(bytes.size(), '\0');
    if (os::read_full(theirs.get(), got.data(), got.size()) != static_cast<ssize_t>(got.size())) return 1;
    return os::write_full(theirs.get(), got.data(), got.size()) == 0 ? 0 : 2;
  });
  REQUIRE(child);
  theirs.reset();
  const Alarms alarms;
  std::string got(bytes.size(), '\0');
  CHECK(os::write_full(ours.get(), bytes.data(), bytes.size()) == 0);
  CHECK(os::read_full(ours.get(), got.data(), got.size()) == static_cast<ssize_t>(got.size()));
  CHECK(got == bytes);
  CHECK(child->reap() == 0);
}

TEST_CASE("a read that has nothing to read yet outlasts signals") {
  const Ends pipe = make_pipe();
  const Ends go = make_pipe();
  auto child = os::Child::fork([&] {
    char byte = 0;
    if (::read(go.reader.get(), &byte, 1) != 1) return 1;
    return ::write(pipe.writer.get(), "x", 1) == 1 ? 0 : 1;
  });
  REQUIRE(child);
  auto reader = os::Child::fork([&] {
    const Alarms alarms;
    char byte = 0;
    struct sigaction action {};
    // The tenth signal in the blocked read lets the writer go.
    static int out = -1;
    out = go.writer.get();
    action.sa_handler = [](int) {
      g_alarms = g_alarms + 1;
      if (g_alarms == 10) static_cast<void>(::write(out, "!", 1) == 1);
    };
    ::sigaction(SIGALRM, &action, nullptr);
    return os::read_full(pipe.reader.get(), &byte, 1) == 1 && byte == 'x' && g_alarms >= 10 ? 0 : 1;
  });
  REQUIRE(reader);
  CHECK(reader->reap() == 0);
  CHECK(child->reap() == 0);
}

TEST_CASE("reads and writes at a place leave the file's offset alone") {
  const UniqueFd fd = memory_file();
  const std::string bytes = test::pattern(100'000, 3);
  CHECK(os::pwrite_full(fd.get(), bytes.data(), bytes.size(), 5000) == 0);
  CHECK(::lseek(fd.get(), 0, SEEK_CUR) == 0);
  std::string got(bytes.size(), '\0');
  CHECK(os::pread_full(fd.get(), got.data(), got.size(), 5000) == static_cast<ssize_t>(got.size()));
  CHECK(got == bytes);
  CHECK(os::pread_full(fd.get(), got.data(), got.size(), 104'000) == 1000);
  CHECK(os::pread_full(fd.get(), got.data(), got.size(), 105'000) == 0);
}

TEST_CASE("a write that can't be finished fails with the reason") {
  auto child = os::Child::fork([] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{10'000, 10'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const UniqueFd fd(::open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (!fd) return 77;
    const std::string bytes(20'000, 'x');
    // The kernel takes half of it, and refuses the rest.
    const bool at_place = os::pwrite_full(fd.get(), bytes.data(), bytes.size(), 0) == -1 && errno == EFBIG;
    const bool in_turn = os::write_full(fd.get(), bytes.data(), bytes.size()) == -1 && errno == EFBIG;
    return at_place && in_turn ? 0 : 1;
  });
  REQUIRE(child);
  const int status = child->reap();
  CHECK((status == 0 || status == 77 << 8));
}

TEST_CASE("errors of the system are handed on") {
  char byte = 0;
  errno = 0;
  CHECK(os::read_full(-1, &byte, 1) == -1);
  CHECK(errno == EBADF);
  errno = 0;
  CHECK(os::write_full(-1, &byte, 1) == -1);
  CHECK(errno == EBADF);
  CHECK(os::write_full(-1, &byte, 0) == 0);
}

TEST_CASE("a descriptor is ready when it can be read or written, or its other end is gone") {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  mtask::UniqueFd read(ends[0]);
  mtask::UniqueFd write(ends[1]);
  CHECK_FALSE(mtask::os::ready(read.get(), POLLIN));
  CHECK(mtask::os::ready(write.get(), POLLOUT));
  CHECK_FALSE(mtask::os::ready(write.get(), 0));
  REQUIRE(::write(write.get(), "x", 1) == 1);
  CHECK(mtask::os::ready(read.get(), POLLIN));
  read.reset();
  CHECK(mtask::os::ready(write.get(), 0));
}
