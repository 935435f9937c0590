#pragma once
// stderr as a person sees it: lines of talk, and progress below them in whatever form was chosen. Lines go to the log
// file too. Not thread-safe.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/log.hpp"
#include "ui/bar.hpp"
#include "ui/live.hpp"
#include "ui/output.hpp"
#include "ui/ui.hpp"

namespace mtask::ui {

class Screen {
 public:
  Screen(const Options& options, MonotonicTime began);
  ~Screen() { close(); }
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  [[nodiscard]] bool shows_progress() const { return form_ != Form::kNone; }

  // One line, made fit for a terminal. With a live bar it may wait up to 100 ms for the next drawing.
  void say(log::Level level, std::string_view text);
  void progress(const Progress& progress);
  // Takes the bar off before something else writes to the same terminal; the next progress draws it again.
  void make_room();
  // Prints what waits and removes the bar for good. May be called again.
  void close();

 private:
  enum class Form : std::uint8_t { kNone, kLive, kPlain, kJson };
  [[nodiscard]] static Form choose(const Options& options);
  void draw();
  [[nodiscard]] bool due(std::chrono::milliseconds pause) const;

  int fd_;
  std::string prefix_;
  Form form_;
  MonotonicTime began_;
  Bar bar_;
  std::optional<LiveBlock> block_;
  std::string waiting_;  // lines for above the bar
  std::chrono::steady_clock::time_point last_draw_{};
};

}  // namespace mtask::ui
