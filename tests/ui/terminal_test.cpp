// The bar on a pseudo-terminal, read through a small emulation of the few control sequences it may use.
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <thread>

#include "ui/ui.hpp"

using namespace mtask;

namespace {

// Lines of a terminal without end below; knows \r, \n, ESC[K, ESC[J, ESC[nA and colours; anything else fails.
class Emulator {
 public:
  void feed(const std::string& bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (bytes[i] == '\r') {
        column_ = 0;
      } else if (bytes[i] == '\n') {
        if (++row_ == lines_.size()) lines_.emplace_back();
      } else if (bytes[i] == '\x1b') {
        i = control(bytes, i + 1);
      } else {
        put(bytes[i]);
      }
    }
  }
  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }
  [[nodiscard]] std::size_t widest() const { return widest_; }
  [[nodiscard]] const std::string& unknown() const { return unknown_; }

 private:
  void put(char c) {
    std::string& line = lines_[row_];
    if (line.size() <= column_) line.resize(column_ + 1, ' ');
    line[column_++] = c;
    widest_ = std::max(widest_, column_);
  }
  std::size_t control(const std::string& bytes, std::size_t i) {
    const std::size_t end = bytes.find_first_not_of("[0123456789;", i);
    if (end == std::string::npos) return bytes.size();
    const std::string number = bytes.substr(i + 1, end - i - 1);
    switch (bytes[end]) {
      case 'K':
        lines_[row_].resize(std::min(lines_[row_].size(), column_));
        break;
      case 'J':
        lines_[row_].resize(std::min(lines_[row_].size(), column_));
        lines_.resize(row_ + 1);
        break;
      case 'A':
        row_ -= std::min(row_, std::stoul(number));
        break;
      case 'm':
        break;
      default:
        unknown_ += bytes.substr(i, end - i + 1);
    }
    return end;
  }

  std::vector<std::string> lines_ = {""};
  std::size_t row_ = 0;
  std::size_t column_ = 0;
  std::size_t widest_ = 0;
  std::string unknown_;
};

struct Session {
  std::string bytes;
  int code = -1;
};

// Runs `body` in a child whose stdout and stderr are a new terminal, and reads all it writes. `resize` is called with
// the terminal's fd at the first output.
Session on_terminal(unsigned short columns, const char* term, const std::function<int()>& body,
                    const std::function<void(int)>& resize = nullptr) {
  winsize window{};
  window.ws_col = columns;
  window.ws_row = 10;
  int master = -1;
  const pid_t child = ::forkpty(&master, nullptr, nullptr, &window);
  if (child == 0) {
    ::setenv("TERM", term, 1);  // NOLINT(concurrency-mt-unsafe): the only thread
    ::_exit(body());
  }
  Session session;
  char buffer[4096];
  for (bool first = true;; first = false) {
    const ssize_t got = ::read(master, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    session.bytes.append(buffer, static_cast<std::size_t>(got));
    if (first && resize) resize(master);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ::close(master);
  session.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return session;
}

Progress snapshot(std::uint64_t done, const std::vector<WorkerStatus>& workers) {
  Progress progress;
  progress.time = std::chrono::steady_clock::now();
  progress.items_done = done;
  progress.items_total = 40;
  progress.items_failed = done;
  progress.totals_known = true;
  progress.workers = workers;
  return progress;
}

Event failure(const char* detail) {
  Event event;
  event.kind = Event::Kind::kFailed;
  event.time = std::chrono::steady_clock::now();
  event.detail = detail;
  return event;
}

// A run with a bar, worker lines and troubles; the pauses let the bar be drawn more than once.
int show(int verbosity, bool orderly) {
  ui::Options options;
  options.command = "copy";
  options.items = "files";
  options.verbosity = verbosity;
  auto ui = ui::open(options).value();
  const std::vector<WorkerStatus> workers = {{11, 1, 1, "日本語/a\x1b[2J"}, {12, 1, 1, ""}};
  for (std::uint64_t i = 0; i < 8; ++i) {
    ui->progress(snapshot(i, workers));
    ui->event(failure("cannot open 'x': Permission denied"));
    ui->event(failure("cannot read 'y': Input/output error"));
    ui->event(failure("cannot open 'z': Permission denied"));
    ui->event(failure("cannot open 'w': Permission denied"));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  if (orderly && !ui->finish({})) return 1;
  if (!orderly) ui::erase_bar_now();
  if (!orderly) ::_exit(7);
  return 0;
}

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string all;
  for (const std::string& line : lines) all += line + "\n";
  return all;
}

}  // namespace

TEST_CASE("the bar leaves nothing behind and swallows no line") {
  ::unsetenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe): the only thread
  for (const int verbosity : {0, 1}) {
    for (const unsigned short columns : std::initializer_list<unsigned short>{20, 40, 80, 200}) {
      const Session session = on_terminal(columns, "xterm", [=] { return show(verbosity, true); });
      REQUIRE(session.code == 0);
      CHECK(count(session.bytes, "%") > 1);  // it was there
      CHECK(session.bytes.find("?25l") == std::string::npos);
      Emulator terminal;
      terminal.feed(session.bytes);
      CHECK(terminal.unknown().empty());
      const std::string left = joined(terminal.lines());
      INFO(left);
      CHECK(left.find('%') == std::string::npos);
      // 20 of the 24 of one kind, then how many more; all of the other kind.
      CHECK(count(left, "mtask copy: cannot open") == 20);
      CHECK(count(left, "mtask copy: cannot read 'y'") == 8);
      CHECK(count(left, "mtask copy: and 4 more: Permission denied\n") == 1);
      CHECK(terminal.lines().size() == 30);  // 29 lines and the empty one the cursor is in
      CHECK(terminal.lines().back().empty());
    }
  }
}

TEST_CASE("a hard stop can take the bar away") {
  const Session session = on_terminal(80, "xterm", [] { return show(1, false); });
  REQUIRE(session.code == 7);
  Emulator terminal;
  terminal.feed(session.bytes);
  CHECK(joined(terminal.lines()).find('%') == std::string::npos);
  CHECK(terminal.lines().back().empty());
}

TEST_CASE("the width is asked for anew at each drawing") {
  const Session session = on_terminal(
      80, "xterm",
      [] {
        ui::Options options;
        options.command = "copy";
        options.items = "files";
        auto ui = ui::open(options).value();
        for (int i = 0; i < 100; ++i) {
          ui->progress(snapshot(8, {}));
          winsize window{};
          if (::ioctl(2, TIOCGWINSZ, &window) == 0 && window.ws_col == 20) break;
          std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        ui->event(failure("now"));  // what follows is drawn at the new width
        ui->progress(snapshot(8, {}));
        return ui->finish({}) ? 0 : 1;
      },
      [](int terminal) {
        winsize window{};
        window.ws_col = 20;
        window.ws_row = 10;
        ::ioctl(terminal, TIOCSWINSZ, &window);
      });
  REQUIRE(session.code == 0);
  Emulator terminal;
  terminal.feed(session.bytes.substr(session.bytes.find("now")));
  CHECK(session.bytes.find("8/40 files") != std::string::npos);
  CHECK(terminal.widest() < 20);
  CHECK(terminal.widest() > 3);
}

TEST_CASE("a dumb terminal gets no bar and no control sequences") {
  const Session session = on_terminal(80, "dumb", [] { return show(1, true); });
  REQUIRE(session.code == 0);
  CHECK(session.bytes.find('\x1b') == std::string::npos);
  CHECK(session.bytes.find('%') == std::string::npos);
}

TEST_CASE("NO_COLOR takes the colours and leaves the bar") {
  const auto colours = [] {
    const std::string bytes = on_terminal(120, "xterm", [] { return show(0, true); }).bytes;
    CHECK(bytes.find('%') != std::string::npos);
    return count(bytes, "\x1b[31m");
  };
  CHECK(colours() > 0);
  ::setenv("NO_COLOR", "1", 1);  // NOLINT(concurrency-mt-unsafe): the only thread
  CHECK(colours() == 0);
  ::unsetenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe): the only thread
}
