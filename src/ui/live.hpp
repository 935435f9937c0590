#pragma once
// A block of lines at the bottom of a terminal that is drawn over and over, with other lines passing above it.
//
// After each drawing the cursor stands at the beginning of the block's first line; erasing is "clear to the end of the
// screen" from there. So it doesn't matter into how many rows the terminal rewraps the block on a resize, nor whether
// it does. The cursor is never hidden, so there is nothing to restore.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mtask::ui {

struct TerminalSize {
  std::size_t columns = 80;
  std::size_t rows = 24;
};

// Asked anew each time; 80x24 where the terminal doesn't say.
[[nodiscard]] TerminalSize terminal_size(int fd);
// Whether `fd` is a terminal that can clear lines and move its cursor.
[[nodiscard]] bool can_draw(int fd);
// Whether colours may be used: a capable terminal, and NO_COLOR unset or empty (no-color.org).
[[nodiscard]] bool can_colour(int fd);

// At most one at a time per process (see erase_bar_now). Not thread-safe. The destructor erases.
class LiveBlock {
 public:
  explicit LiveBlock(int fd) : fd_(fd) {}
  ~LiveBlock() { erase(); }
  LiveBlock(const LiveBlock&) = delete;
  LiveBlock& operator=(const LiveBlock&) = delete;

  // Prints `above` (whole lines) and the block below it, in one write. Block lines must be narrower than the terminal.
  void draw(std::string_view above, const std::vector<std::string>& lines, std::size_t columns);
  void erase();
  [[nodiscard]] bool shown() const { return shown_; }

 private:
  int fd_;
  bool shown_ = false;
  std::size_t last_columns_ = 0;
};

}  // namespace mtask::ui
