#include "ui/live.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>

#include "ui/output.hpp"
#include "ui/ui.hpp"

namespace mtask::ui {
namespace {

constexpr std::string_view kErase = "\r\x1b[J";
// The fd with a block on its screen, for erase_bar_now(); -1: none.
std::atomic<int> block_fd{-1};
static_assert(std::atomic<int>::is_always_lock_free);

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing here sets variables
  return value == nullptr ? std::string_view() : std::string_view(value);
}

}  // namespace

TerminalSize terminal_size(int fd) {
  TerminalSize size;
  winsize window{};
  if (::ioctl(fd, TIOCGWINSZ, &window) == 0) {
    if (window.ws_col > 0) size.columns = window.ws_col;
    if (window.ws_row > 0) size.rows = window.ws_row;
  }
  return size;
}

bool can_draw(int fd) {
  const std::string_view term = variable("TERM");
  return ::isatty(fd) == 1 && !term.empty() && term != "dumb";
}

bool can_colour(int fd) { return can_draw(fd) && variable("NO_COLOR").empty(); }

void LiveBlock::draw(std::string_view above, const std::vector<std::string>& lines, std::size_t columns) {
  std::string out;
  // Lines of an unchanged width are overwritten in place: no flicker.
  if (shown_ && (columns != last_columns_ || !above.empty())) out += kErase;
  out += above;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) out += "\n";
    out += '\r';
    out += lines[i];
    out += "\x1b[K";
  }
  out += "\x1b[J";
  if (lines.size() > 1) out += "\x1b[" + std::to_string(lines.size() - 1) + "A";
  out += '\r';
  block_fd.store(fd_);
  static_cast<void>(write_all(fd_, out));  // a terminal that is gone has nobody to tell
  shown_ = !lines.empty();
  if (!shown_) block_fd.store(-1);
  last_columns_ = columns;
}

void LiveBlock::erase() {
  if (!shown_) return;
  static_cast<void>(write_all(fd_, kErase));  // as above
  shown_ = false;
  block_fd.store(-1);
}

void erase_bar_now() noexcept {
  const int fd = block_fd.exchange(-1);
  if (fd < 0) return;
  const int saved = errno;
  static_cast<void>(write_all(fd, kErase));  // as above
  errno = saved;
}

}  // namespace mtask::ui
