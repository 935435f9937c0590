#include "ui/screen.hpp"

#include "base/text.hpp"
#include "ui/json_lines.hpp"

namespace mtask::ui {
namespace {

// Ten drawings a second; engines tell progress as often, and a beat that comes a little early counts.
constexpr auto kDrawPause = std::chrono::milliseconds(90);
constexpr auto kPlainPause = std::chrono::milliseconds(1000);

}  // namespace

Screen::Form Screen::choose(const Options& options) {
  switch (options.progress) {
    case ProgressMode::kNever:
      return Form::kNone;
    case ProgressMode::kJson:
      return Form::kJson;
    case ProgressMode::kAlways:
      return can_draw(options.err_fd) ? Form::kLive : Form::kPlain;
    case ProgressMode::kAuto:
      break;
  }
  return !options.quiet && can_draw(options.err_fd) ? Form::kLive : Form::kNone;
}

Screen::Screen(const Options& options, MonotonicTime began)
    : fd_(options.err_fd),
      prefix_("mtask " + options.command + ": "),
      form_(choose(options)),
      began_(began),
      bar_(began, {options.items, can_colour(options.err_fd), options.verbosity > 0 && !options.quiet}) {
  if (form_ == Form::kLive) block_.emplace(fd_);
}

bool Screen::due(std::chrono::milliseconds pause) const {
  return std::chrono::steady_clock::now() - last_draw_ >= pause;
}

void Screen::draw() {
  const TerminalSize size = terminal_size(fd_);
  // The last column stays free: writing into it makes some terminals wrap. One row stays for what passes above.
  const std::size_t columns = size.columns > 1 ? size.columns - 1 : 1;
  block_->draw(waiting_, bar_.lines(columns, size.rows > 1 ? size.rows - 1 : 1), size.columns);
  waiting_.clear();
  last_draw_ = std::chrono::steady_clock::now();
}

void Screen::say(log::Level level, std::string_view text) {
  log::record(level, text);
  const std::string line = one_line(text) + '\n';
  if (!block_ || !block_->shown()) {
    static_cast<void>(write_all(fd_, line));  // there is nowhere left to tell it
    return;
  }
  waiting_ += line;
  if (due(kDrawPause)) draw();
}

void Screen::progress(const Progress& progress) {
  switch (form_) {
    case Form::kNone:
      return;
    case Form::kJson:
      // One write a line; the engine's beat is slow enough.
      static_cast<void>(write_all(fd_, progress_line(progress, began_) + '\n'));  // as above
      return;
    case Form::kPlain:
      bar_.update(progress);
      if (!due(kPlainPause)) return;
      static_cast<void>(write_all(fd_, prefix_ + bar_.plain_line() + '\n'));  // as above
      last_draw_ = std::chrono::steady_clock::now();
      return;
    case Form::kLive:
      if (!block_) return;
      bar_.update(progress);
      if (due(kDrawPause)) draw();
      return;
  }
}

void Screen::make_room() {
  if (!block_) return;
  block_->erase();
  static_cast<void>(write_all(fd_, waiting_));  // as above
  waiting_.clear();
}

void Screen::close() {
  make_room();
  block_.reset();
}

}  // namespace mtask::ui
