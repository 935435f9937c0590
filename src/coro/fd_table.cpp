#include "coro/fd_table.hpp"

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace mtask::detail {

bool fd_table::watch(fd_awaiter& wait) {
  const int fd = wait.fd;
  const auto index = static_cast<std::size_t>(fd);
  entry known = fd >= 0 && index < entries_.size() ? entries_[index] : entry{};
  // The generation that it has if this registers it.
  const std::uint32_t next = known.generation + 1;
  auto armed =
      poller_->arm(fd, key(fd, known.registered ? known.generation : next), known.reader != nullptr || !wait.writing,
                   known.writer != nullptr || wait.writing, known.registered);
  if (armed && *armed) {
    // A new file. If its number is known, reports must not be taken for those of the old one, or the other way.
    if (known.registered) {
      dismiss(known);
      armed = poller_->arm(fd, key(fd, next), !wait.writing, wait.writing, true);
    }
    known.generation = next;
    known.registered = true;
  }
  if (!armed) {
    const int error = armed.error().code.value();
    if (error == EPERM || error == EBADF) return false;
    throw std::system_error(armed.error().code, armed.error().context);
  }
  fd_awaiter*& slot = wait.writing ? known.writer : known.reader;
  if (slot != nullptr) throw std::logic_error("two tasks wait for " + wait.what());
  slot = &wait;
  if (index >= entries_.size()) entries_.resize(std::max(index + 1, entries_.size() * 2));
  entries_[index] = known;
  ++waits_;
  return true;
}

void fd_table::unwatch(const fd_awaiter& wait) noexcept {
  // It may stay armed: a report for nobody is no harm, and comes once.
  entry& known = entries_[static_cast<std::size_t>(wait.fd)];
  (wait.writing ? known.writer : known.reader) = nullptr;
  --waits_;
}

void fd_table::ready(const os::Poller::Ready& report) {
  const auto index = static_cast<std::size_t>(report.key >> 32);
  if (index >= entries_.size()) return;
  entry& known = entries_[index];
  if (known.generation != static_cast<std::uint32_t>(report.key)) return;
  for (const bool writing : {false, true}) {
    fd_awaiter*& waiting = writing ? known.writer : known.reader;
    if (waiting == nullptr || !(writing ? report.writing : report.reading)) continue;
    --waits_;
    std::exchange(waiting, nullptr)->task->wake();
  }
  if (known.reader == nullptr && known.writer == nullptr) return;
  const int fd = (known.reader != nullptr ? known.reader : known.writer)->fd;
  const auto armed = poller_->arm(fd, report.key, known.reader != nullptr, known.writer != nullptr, true);
  if (armed) return;
  dismiss(known);
}

void fd_table::dismiss(entry& closed) {
  for (fd_awaiter** waiting : {&closed.reader, &closed.writer}) {
    if (*waiting == nullptr) continue;
    --waits_;
    (*waiting)->closed = true;
    std::exchange(*waiting, nullptr)->task->wake();
  }
}

}  // namespace mtask::detail
