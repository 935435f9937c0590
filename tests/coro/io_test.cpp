#include "mtask/io.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "coro/support.hpp"
#include "mtask/when.hpp"
#include "os/child.hpp"
#include "support/files.hpp"
#include "support/temp_dir.hpp"

using namespace mtask;
using namespace std::chrono_literals;
using test::Log;
using test::make_pipe;
using test::run;

namespace {

task<> write_text(int fd, std::string text) {
  const auto written = co_await write_all(fd, std::as_bytes(std::span(text)));
  CHECK(written);
}

task<std::string> read_text(int fd, std::size_t most) {
  std::string text(most, '\0');
  const auto count = co_await read_some(fd, std::as_writable_bytes(std::span(text)));
  text.resize(count.value());
  co_return text;
}

task<std::string> read_to_end(int fd) {
  std::string all;
  for (;;) {
    const std::string some = co_await read_text(fd, 10'000);
    if (some.empty()) co_return all;
    all += some;
  }
}

task<> wait_readable(int fd, Log& log, std::string name) {
  try {
    co_await readable(fd);
    log.push_back(name + " readable");
  } catch (const cancelled&) {
    log.push_back(name + " cancelled");
    throw;
  }
}
task<> wait_writable(int fd, Log& log, std::string name) {
  co_await writable(fd);
  log.push_back(name + " writable");
}

void fill(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  ::fcntl(fd, F_SETFL, flags | O_NONBLOCK);
  const std::vector<char> block(4096);
  while (::write(fd, block.data(), block.size()) > 0) {
  }
  ::fcntl(fd, F_SETFL, flags);
}

}  // namespace

TEST_CASE("a read waits for a write, and other tasks run meanwhile") {
  const int flags = GENERATE(0, O_NONBLOCK);
  const auto main = [](int mode) -> task<> {
    const auto pipe = make_pipe(mode);
    scope s;
    const auto later = [](int fd) -> task<> {
      co_await sleep_for(1ms);
      co_await write_text(fd, "hello");
    };
    s.spawn(later(pipe.writer.get()));
    const auto got1 = co_await read_text(pipe.reader.get(), 100);
    CHECK(got1 == "hello");
    co_await s.join();
  };
  run(main(flags));
}

TEST_CASE("a megabyte goes through a pipe within one thread, blocking or not") {
  const int flags = GENERATE(0, O_NONBLOCK);
  const std::string bytes = test::pattern(1'000'000, 1);
  const auto main = [](int mode, const std::string& sent) -> task<> {
    auto pipe = make_pipe(mode);
    scope s;
    const auto write = [](UniqueFd to, const std::string& text) -> task<> { co_await write_text(to.get(), text); };
    s.spawn(write(std::move(pipe.writer), sent));
    const auto got2 = co_await read_to_end(pipe.reader.get());
    CHECK(got2 == sent);
    co_await s.join();
  };
  run(main(flags, bytes));
}

TEST_CASE("two tasks wait for one descriptor, each in its direction") {
  const auto main = [](Log& log) -> task<> {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    const UniqueFd ours(ends[0]);
    const UniqueFd theirs(ends[1]);
    fill(ours.get());
    scope s;
    s.spawn(wait_readable(ours.get(), log, "it is"));
    s.spawn(wait_writable(ours.get(), log, "it is"));
    co_await sleep_for(1ms);
    CHECK(log.empty());
    CHECK(::write(theirs.get(), "x", 1) == 1);
    while (log.empty()) co_await sleep_for(100us);
    CHECK(log == Log{"it is readable"});
    std::string text(1 << 22, '\0');
    CHECK(::recv(theirs.get(), text.data(), text.size(), MSG_DONTWAIT) > 0);
    co_await s.join();
  };
  Log log;
  run(main(log));
  CHECK(log == Log{"it is readable", "it is writable"});
}

TEST_CASE("a second task that waits in the same direction gets an error") {
  const auto main = [](Log& log) -> task<> {
    const auto pipe = make_pipe();
    scope s;
    s.spawn(wait_readable(pipe.reader.get(), log, "first"));
    co_await yield();
    s.spawn(wait_readable(pipe.reader.get(), log, "second"));
    co_await s.join();
  };
  Log log;
  CHECK_THROWS_AS(run(main(log)), std::logic_error);
  CHECK(log == Log{"first cancelled"});
}

TEST_CASE("regular files are always ready, and others get their turn") {
  const test::TempDir dir;
  const UniqueFd file(::open((dir / "file").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  const auto other = [](bool& ran) -> task<> {
    ran = true;
    co_return;
  };
  const auto main = [](int fd, auto other_) -> task<> {
    bool ran = false;
    scope s;
    s.spawn(other_(ran));
    co_await readable(fd);
    CHECK(ran);
    co_await write_text(fd, "text");
    REQUIRE(::lseek(fd, 0, SEEK_SET) == 0);
    const auto got3 = co_await read_to_end(fd);
    CHECK(got3 == "text");
    co_await s.join();
  };
  run(main(file.get(), other));
}

TEST_CASE("the end of the other side, and what is no descriptor, are told by the read or write") {
  const auto main = []() -> task<> {
    auto pipe = make_pipe();
    pipe.writer.reset();
    const auto got4 = co_await read_text(pipe.reader.get(), 10);
    CHECK(got4 == "");
    pipe = make_pipe();
    pipe.reader.reset();
    std::array<std::byte, 1> byte{};
    const auto written = co_await write_all(pipe.writer.get(), byte);
    REQUIRE_FALSE(written);
    CHECK(written.error().code == std::errc::broken_pipe);
    const auto none = co_await read_some(-1, byte);
    REQUIRE_FALSE(none);
    CHECK(none.error().code == std::errc::bad_file_descriptor);
    const auto wild = co_await read_some(1'000'000'000, byte);
    CHECK_FALSE(wild);
  };
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  run(main());
  std::signal(SIGPIPE, before);
}

TEST_CASE("a writer that waits hears that the reader is gone") {
  const auto main = [](Log& log) -> task<> {
    auto pipe = make_pipe();
    fill(pipe.writer.get());
    scope s;
    s.spawn(wait_writable(pipe.writer.get(), log, "it is"));
    co_await sleep_for(1ms);
    pipe.reader.reset();
    co_await s.join();
  };
  Log log;
  run(main(log));
  CHECK(log == Log{"it is writable"});
}

TEST_CASE("a cancelled wait leaves the descriptor to the next one") {
  const auto main = [](Log& log) -> task<> {
    const auto pipe = make_pipe();
    scope s;
    s.spawn(wait_readable(pipe.reader.get(), log, "first"));
    co_await sleep_for(1ms);
    s.cancel();
    co_await s.join();
    REQUIRE(::write(pipe.writer.get(), "x", 1) == 1);
    co_await wait_readable(pipe.reader.get(), log, "second");
    co_await wait_readable(pipe.reader.get(), log, "third");
  };
  Log log;
  run(main(log));
  CHECK(log == Log{"first cancelled", "second readable", "third readable"});
}

TEST_CASE("a number that is used again is a new descriptor, though a duplicate keeps the old one open") {
  const auto main = [](Log& log) -> task<> {
    auto old = make_pipe();
    const int number = old.reader.get();
    scope s;
    s.spawn(wait_readable(number, log, "old"));
    co_await sleep_for(1ms);
    const UniqueFd duplicate(::fcntl(number, F_DUPFD_CLOEXEC, 0));
    // Closed while it is waited for, and cancelled afterwards.
    old.reader.reset();
    s.cancel();
    co_await s.join();
    const auto fresh = make_pipe();
    REQUIRE(fresh.reader.get() == number);
    scope t;
    t.spawn(wait_readable(number, log, "new"));
    co_await sleep_for(1ms);
    REQUIRE(::write(old.writer.get(), "x", 1) == 1);  // the old one is ready now, and still watched
    co_await sleep_for(2ms);
    CHECK(log == Log{"old cancelled"});
    REQUIRE(::write(fresh.writer.get(), "x", 1) == 1);
    co_await t.join();
  };
  Log log;
  run(main(log));
  CHECK(log == Log{"old cancelled", "new readable"});
}

TEST_CASE("a task whose descriptor is closed leaves the others alone, and hears of it when the number is used again") {
  const auto waits = [](int fd, Log& log) -> task<> {
    try {
      co_await readable(fd);
    } catch (const std::system_error& error) {
      if (error.code() == std::errc::bad_file_descriptor) log.emplace_back("closed");
    }
  };
  const auto main = [](auto waits_, Log& log) -> task<> {
    auto closed = make_pipe();
    const int number = closed.reader.get();
    scope s;
    s.spawn(waits_(number, log));
    co_await sleep_for(1ms);
    closed.reader.reset();
    closed.writer.reset();
    const auto other = make_pipe();
    REQUIRE(other.reader.get() == number);
    co_await write_text(other.writer.get(), "x");
    const std::string text = co_await read_text(number, 1);
    CHECK(text == "x");
    co_await s.join();
  };
  Log log;
  run(main(waits, log));
  CHECK(log == Log{"closed"});
}

TEST_CASE("many descriptors are watched at once") {
  const auto main = [](Log& log) -> task<> {
    std::vector<test::Pipe> pipes;
    scope s;
    for (int i = 0; i < 300; ++i) {
      pipes.push_back(make_pipe());
      s.spawn(wait_readable(pipes.back().reader.get(), log, "a"));
    }
    co_await yield();
    for (const auto& pipe : pipes) REQUIRE(::write(pipe.writer.get(), "x", 1) == 1);
    co_await s.join();
  };
  Log log;
  run(main(log));
  CHECK(log.size() == 300);
}

TEST_CASE("a signal is waited for, one that came between two waits, too") {
  const auto main = []() -> task<> {
    scope s;
    const auto send = []() -> task<> {
      co_await sleep_for(1ms);
      ::kill(::getpid(), SIGUSR1);
    };
    s.spawn(send());
    const auto got6 = co_await signal(SIGUSR1);
    CHECK(got6 == SIGUSR1);
    co_await s.join();
    ::kill(::getpid(), SIGUSR1);
    const auto got7 = co_await signal(SIGUSR1);
    CHECK(got7 == SIGUSR1);
    const auto got8 = co_await with_timeout(1ms, signal(SIGUSR1));
    CHECK(got8 == std::nullopt);
  };
  sigset_t before;
  ::pthread_sigmask(SIG_BLOCK, nullptr, &before);
  CHECK(sigismember(&before, SIGUSR1) == 0);
  run(main());
  sigset_t after;
  ::pthread_sigmask(SIG_BLOCK, nullptr, &after);
  CHECK(sigismember(&after, SIGUSR1) == 0);
}

TEST_CASE("what is no signal, or cannot be blocked, is not waited for") {
  for (const int number : {0, -1, 1000, SIGKILL, SIGSTOP})
    CHECK_THROWS_AS(run(mtask::signal(number)), std::invalid_argument);
}

TEST_CASE("a child's end is waited for by number or by pidfd") {
  const auto wait = [](int pid) -> task<int> { co_return (co_await child_exit(pid)).value(); };
  const auto wait_fd = [](int fd) -> task<int> { co_return (co_await child_exit(pidfd(fd))).value(); };
  const auto pid = ::fork();
  if (pid == 0) ::_exit(7);
  const int status = run(wait(pid));
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 7);
  CHECK(::waitpid(pid, nullptr, WNOHANG) == -1);  // reaped

  auto child = os::Child::fork([]() -> int {
    for (;;) ::pause();
  });
  REQUIRE(child);
  const auto main = [](os::Child& of, auto wait_fd_) -> task<int> {
    scope s;
    const auto kill = [](os::Child& which) -> task<> {
      co_await sleep_for(1ms);
      which.kill(SIGKILL);
    };
    s.spawn(kill(of));
    const int how = co_await wait_fd_(of.pidfd());
    co_await s.join();
    co_return how;
  };
  const int killed = run(main(*child, wait_fd));
  child->forget();
  REQUIRE(WIFSIGNALED(killed));
  CHECK(WTERMSIG(killed) == SIGKILL);
}

TEST_CASE("what is no child is an error at once") {
  const auto wait = [](int pid) -> task<> {
    const auto status = co_await child_exit(pid);
    REQUIRE_FALSE(status);
  };
  run(wait(::getppid()));
  run(wait(-1));
}
