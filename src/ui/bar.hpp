#pragma once
// What the progress bar says, as lines of text that fit the terminal. Draws nothing itself; see ui/live.hpp.

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mtask/events.hpp"
#include "ui/rate.hpp"

namespace mtask::ui {

struct BarStyle {
  std::string items = "items";  // what the items are called
  bool colour = false;
  bool worker_lines = false;
};

class Bar {
 public:
  Bar(MonotonicTime began, BarStyle style) : began_(began), style_(std::move(style)) {}

  // Takes a snapshot into the rates.
  void update(const Progress& progress);
  // The lines of the last snapshot, the bar itself first, each at most `columns` wide (colour codes not counted), at
  // most `most_lines` in all. What finds no room is left out, the least important first.
  [[nodiscard]] std::vector<std::string> lines(std::size_t columns, std::size_t most_lines) const;
  // The bar line without picture and colours, for logs and pipes; not cut.
  [[nodiscard]] std::string plain_line() const;

 private:
  struct Worker {
    std::int32_t pid = 0;
    std::string current;  // quoted
    SmoothedRate rate;
  };
  struct Piece {
    std::string text;
    int rank;  // 0 goes last
    bool alarming = false;
  };

  [[nodiscard]] std::vector<Piece> pieces() const;
  [[nodiscard]] std::string main_line(std::size_t columns) const;
  [[nodiscard]] std::string worker_line(const Worker& worker, std::size_t number, std::size_t columns) const;
  [[nodiscard]] double fraction() const;  // done, 0 to 1
  [[nodiscard]] std::string time_left() const;

  MonotonicTime began_;
  BarStyle style_;
  Progress last_;  // without workers
  SmoothedRate byte_rate_;
  SmoothedRate item_rate_;
  std::vector<Worker> workers_;
};

}  // namespace mtask::ui
