#include "os/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <stdexcept>
#include <utility>

using namespace mtask;
using os::Child;

namespace {

[[noreturn]] int sleep_for_good() {
  for (;;) ::pause();
}

bool exists(pid_t pid) { return ::kill(pid, 0) == 0; }

}  // namespace

TEST_CASE("a child's result becomes its exit status") {
  auto child = Child::fork([] { return 7; });
  REQUIRE(child);
  const int status = child->reap();
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 7);
}

TEST_CASE("the pidfd is readable once the child has ended, not before") {
  auto child = Child::fork([] { return sleep_for_good(); });
  REQUIRE(child);
  pollfd entry{child->pidfd(), POLLIN, 0};
  CHECK(::poll(&entry, 1, 0) == 0);
  child->kill(SIGKILL);
  REQUIRE(::poll(&entry, 1, 120'000) == 1);
  const int status = child->reap();
  REQUIRE(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGKILL);
}

TEST_CASE("a reaped child is signalled and reaped no more") {
  auto child = Child::fork([] { return 3; });
  REQUIRE(child);
  CHECK(WEXITSTATUS(child->reap()) == 3);
  CHECK(child->reap() == 0);
  child->kill(SIGKILL);
}

TEST_CASE("destroying a running child kills and reaps it") {
  pid_t pid = 0;
  {
    auto child = Child::fork([] { return sleep_for_good(); });
    REQUIRE(child);
    pid = child->pid();
    CHECK(exists(pid));
  }
  CHECK_FALSE(exists(pid));
}

TEST_CASE("a moved child has one owner") {
  auto first = Child::fork([] { return sleep_for_good(); });
  auto second = Child::fork([] { return sleep_for_good(); });
  REQUIRE(first);
  REQUIRE(second);
  const pid_t pid = first->pid();
  {
    const Child taken(*std::move(first));
    CHECK(taken.pid() == pid);
    CHECK(exists(pid));
  }
  CHECK_FALSE(exists(pid));
  *first = *std::move(second);
  CHECK(exists(first->pid()));
}

TEST_CASE("a child leaves interrupting signals to its parent") {
  auto child = Child::fork([] {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::raise(signal);
    return 5;
  });
  REQUIRE(child);
  const int status = child->reap();
  CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 5));
}

TEST_CASE("a child dies with its parent") {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  UniqueFd reader(ends[0]);
  UniqueFd writer(ends[1]);
  auto parent = Child::fork([&] {
    auto child = Child::fork([] { return sleep_for_good(); }).value();
    if (::write(ends[1], "!", 1) != 1) return 1;
    return sleep_for_good();
  });
  REQUIRE(parent);
  writer.reset();
  char ready = 0;
  REQUIRE(::read(reader.get(), &ready, 1) == 1);
  parent->kill(SIGKILL);
  // The end of the file comes when the last holder of the other end is gone.
  pollfd entry{reader.get(), POLLIN, 0};
  REQUIRE(::poll(&entry, 1, 120'000) == 1);
  CHECK(::read(reader.get(), &ready, 1) == 0);
}

TEST_CASE("an exception that leaves a child's body ends the child, and reaches no code of the parent's") {
  const pid_t test = ::getpid();
  try {
    auto child = Child::fork([]() -> int {
      const rlimit none{0, 0};
      ::setrlimit(RLIMIT_CORE, &none);
      ::signal(SIGABRT, SIG_DFL);  // Catch has a handler
      ::close(STDERR_FILENO);      // std::terminate() has its say there
      throw std::runtime_error("boom");
    });
    REQUIRE(child);
    const int status = child->reap();
    REQUIRE(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGABRT);
  } catch (...) {
    if (::getpid() != test) ::_exit(99);
    throw;
  }
}
