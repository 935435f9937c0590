#include "mtask/io.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <system_error>

#include "base/unique_fd.hpp"
#include "coro/loop_state.hpp"
#include "os/syscall.hpp"

namespace mtask {

using detail::this_loop;

void fd_awaiter::await_suspend(std::coroutine_handle<>) {
  task = this_loop().current;
  if (this_loop().fds.watch(*this)) {
    park();
  } else {
    task->wake();
  }
}

bool fd_awaiter::cancel(detail::promise_base&) noexcept {
  this_loop().fds.unwatch(*this);
  return true;
}

void fd_awaiter::await_resume() const {
  if (closed) throw std::system_error(EBADF, std::system_category(), "closed while waited for: " + what());
  detail::throw_if_cancelled();
}

std::string fd_awaiter::what() const {
  return "file descriptor " + std::to_string(fd) + (writing ? " to write" : " to read");
}

task<Result<std::size_t>> read_some(int fd, std::span<std::byte> buffer) {
  for (;;) {
    co_await readable(fd);
    const ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count >= 0) co_return static_cast<std::size_t>(count);
    if (errno != EAGAIN && errno != EINTR) co_return Unexpected(system_error(ErrorKind::kItem, errno, "cannot read"));
  }
}

task<Result<void>> write_all(int fd, std::span<const std::byte> data) {
  // What a pipe that is ready takes at once without blocking (PIPE_BUF).
  constexpr std::size_t kPiece = 4096;
  const int flags = ::fcntl(fd, F_GETFL);
  const std::size_t most = flags != -1 && (flags & O_NONBLOCK) != 0 ? data.size() : kPiece;
  while (!data.empty()) {
    co_await writable(fd);
    const ssize_t count = ::write(fd, data.data(), std::min(data.size(), most));
    if (count >= 0) {
      data = data.subspan(static_cast<std::size_t>(count));
    } else if (errno != EAGAIN && errno != EINTR) {
      co_return Unexpected(system_error(ErrorKind::kItem, errno, "cannot write"));
    }
  }
  co_return Result<void>();
}

namespace {

Error no_child(int error) { return system_error(ErrorKind::kItem, error, "cannot wait for a child"); }

// The status as waitpid(2) gives it.
int status_of(const siginfo_t& info) noexcept {
  if (info.si_code == CLD_EXITED) return (info.si_status & 0xff) << 8;
  return info.si_status | (info.si_code == CLD_DUMPED ? 0x80 : 0);
}

}  // namespace

task<int> signal(int number) {
  sigset_t one;
  sigset_t before;
  sigemptyset(&one);
  if (sigaddset(&one, number) != 0 || number == SIGKILL || number == SIGSTOP) {
    throw std::invalid_argument("no signal to wait for: " + std::to_string(number));
  }
  ::pthread_sigmask(SIG_BLOCK, &one, &before);
  if (sigismember(&before, number) == 0) sigaddset(&this_loop().blocked, number);
  const UniqueFd fd(::signalfd(-1, &one, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) throw std::system_error(errno, std::system_category(), "cannot wait for signal " + std::to_string(number));
  signalfd_siginfo info{};
  do {
    co_await readable(fd.get());
  } while (::read(fd.get(), &info, sizeof(info)) != sizeof(info));
  co_return number;
}

task<Result<int>> child_exit(pidfd child) {
  const auto id = static_cast<id_t>(child.fd);
  siginfo_t info{};
  // Says at once whether there is such a child.
  if (os::retry([&] { return ::waitid(P_PIDFD, id, &info, WEXITED | WNOWAIT | WNOHANG); }) == -1) {
    co_return Unexpected(no_child(errno));
  }
  for (;;) {
    co_await readable(child.fd);
    info.si_pid = 0;
    if (os::retry([&] { return ::waitid(P_PIDFD, id, &info, WEXITED | WNOHANG); }) == -1) {
      co_return Unexpected(no_child(errno));
    }
    if (info.si_pid != 0) co_return status_of(info);
  }
}

task<Result<int>> child_exit(int pid) {
  const UniqueFd fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));  // glibc 2.36 declares it for C alone
  if (!fd) co_return Unexpected(no_child(errno));
  co_return co_await child_exit(pidfd(fd.get()));
}

}  // namespace mtask
