#include "ui/bar.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "base/text.hpp"
#include "base/units.hpp"
#include "ui/width.hpp"

namespace mtask::ui {
namespace {

constexpr std::size_t kLeastPicture = 12;
constexpr std::size_t kMostPicture = 40;
constexpr std::string_view kGap = "  ";
constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kDim = "\x1b[2m";
constexpr std::string_view kPlain = "\x1b[0m";

std::string format_rate(double bytes_per_second) {
  return format_size(static_cast<std::uint64_t>(std::llround(bytes_per_second))) + "/s";
}

std::string draw_picture(double fraction, std::size_t columns) {
  const std::size_t inside = columns - 2;
  const auto filled = std::min(inside, static_cast<std::size_t>(fraction * static_cast<double>(inside)));
  std::string picture = "[";
  picture.append(filled, '=');
  if (filled < inside) picture.append(1, '>').append(inside - filled - 1, ' ');
  return picture += ']';
}

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 1.0 : std::min(1.0, static_cast<double>(part) / static_cast<double>(whole));
}

}  // namespace

void Bar::update(const Progress& progress) {
  const double seconds = std::chrono::duration<double>(progress.time - began_).count();
  last_ = progress;
  last_.workers = {};
  byte_rate_.sample(progress.bytes_done, seconds);
  item_rate_.sample(progress.items_done, seconds);
  if (!style_.worker_lines) return;
  workers_.resize(progress.workers.size());
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    const WorkerStatus& status = progress.workers[i];
    workers_[i].pid = status.pid;
    workers_[i].current = status.current.empty() ? std::string() : quote(status.current);
    workers_[i].rate.sample(status.bytes, seconds);
  }
}

double Bar::fraction() const {
  const double items = share(last_.items_done, last_.items_total);
  // Half by items, half by bytes: small things cost by number, great ones by size. What was skipped moves no bytes, so
  // bytes alone might stop far from the end.
  if (last_.items_done >= last_.items_total || last_.bytes_total == 0) return items;
  return (items + share(last_.bytes_done, last_.bytes_total)) / 2;
}

std::string Bar::time_left() const {
  const double items_left = static_cast<double>(last_.items_total) - static_cast<double>(last_.items_done);
  const double bytes_left = static_cast<double>(last_.bytes_total) - static_cast<double>(last_.bytes_done);
  const auto need = [](double left, double rate) { return left > 0 && rate > 0 ? left / rate : 0.0; };
  const double seconds = std::max(need(items_left, item_rate_.per_second()), need(bytes_left, byte_rate_.per_second()));
  constexpr double kTooLong = 100.0 * 24 * 3600;
  if (items_left <= 0) return "ETA 0 s";
  if (seconds <= 0 || seconds > kTooLong) return "ETA --";
  // Whole seconds: tenths would only flicker.
  const auto whole = std::chrono::seconds(std::llround(std::ceil(seconds)));
  return "ETA " + (whole.count() < 60 ? std::to_string(whole.count()) + " s" : format_duration(whole));
}

std::vector<Bar::Piece> Bar::pieces() const {
  std::vector<Piece> all;
  const bool known = last_.totals_known;
  if (known) {
    const int percent =
        std::clamp(static_cast<int>(fraction() * 100), 0, last_.items_done < last_.items_total ? 99 : 100);
    std::string text = std::to_string(percent) + "%";
    all.push_back({std::string(4 - std::min<std::size_t>(4, text.size()), ' ') + text, 0});
  } else {
    all.push_back({"counting", 4});
  }
  std::string items = format_count(last_.items_done);
  if (known) items += "/" + format_count(last_.items_total);
  all.push_back({items + " " + style_.items, known ? 3 : 0});
  std::string bytes = format_size(last_.bytes_done);
  if (known && last_.bytes_total > 0) bytes += " of " + format_size(last_.bytes_total);
  if (last_.bytes_done > 0 || last_.bytes_total > 0) {
    all.push_back({std::move(bytes), 5});
    all.push_back({format_rate(byte_rate_.per_second()), 2});
  }
  if (known) all.push_back({time_left(), 1});
  if (last_.items_failed > 0) all.push_back({format_count(last_.items_failed) + " failed", 2, true});
  return all;
}

std::string Bar::main_line(std::size_t columns) const {
  std::vector<Piece> all = pieces();
  const auto width = [&] {
    std::size_t sum = all.empty() ? 0 : kGap.size() * (all.size() - 1);
    for (const Piece& piece : all) sum += display_width(piece.text);
    return sum;
  };
  while (all.size() > 1 && width() > columns) {
    all.erase(std::max_element(all.begin(), all.end(), [](const Piece& a, const Piece& b) { return a.rank < b.rank; }));
  }
  if (all.size() == 1 && width() > columns) return std::string(prefix_of_width(all[0].text, columns));
  const std::size_t room = columns - width();
  if (last_.totals_known && room >= kLeastPicture + kGap.size()) {
    const std::size_t picture = std::min(kMostPicture, room - kGap.size());
    all.insert(all.begin() + 1, {draw_picture(fraction(), picture), 0});
  }
  std::string line;
  for (const Piece& piece : all) {
    if (!line.empty()) line += kGap;
    const bool coloured = piece.alarming && style_.colour;
    if (coloured) line += kRed;
    line += piece.text;
    if (coloured) line += kPlain;
  }
  return line;
}

std::string Bar::worker_line(const Worker& worker, std::size_t number, std::size_t columns) const {
  std::string head = "  " + std::to_string(number) + " ";
  if (worker.pid != 0 && columns >= 40) head += "[" + std::to_string(worker.pid) + "] ";
  const bool waits = worker.current.empty();
  if (worker.pid == 0) return std::string(prefix_of_width(head + "gone", columns));
  if (columns >= 40) {
    const std::string rate = waits ? "" : format_rate(worker.rate.per_second());
    head += std::string(rate.size() < 11 ? 11 - rate.size() : 0, ' ') + rate + kGap.data();
  }
  if (head.size() >= columns) return std::string(prefix_of_width(head, columns));
  head += waits ? std::string(prefix_of_width("waiting", columns - head.size()))
                : fit_middle(worker.current, columns - head.size());
  return style_.colour ? std::string(kDim) + head + std::string(kPlain) : head;
}

std::vector<std::string> Bar::lines(std::size_t columns, std::size_t most_lines) const {
  std::vector<std::string> all;
  if (columns == 0 || most_lines == 0) return all;
  all.push_back(main_line(columns));
  const std::size_t room = most_lines - 1;
  const bool fits = workers_.size() <= room;
  const std::size_t shown = fits ? workers_.size() : room == 0 ? 0 : room - 1;
  for (std::size_t i = 0; i < shown; ++i) all.push_back(worker_line(workers_[i], i, columns));
  if (!fits && room > 0) {
    const std::string more = "  and " + format_count(workers_.size() - shown) + " more workers";
    all.emplace_back(prefix_of_width(more, columns));
  }
  return all;
}

std::string Bar::plain_line() const {
  std::string line;
  for (const Piece& piece : pieces()) {
    if (!line.empty()) line += kGap;
    line += piece.text.substr(piece.text.find_first_not_of(' '));
  }
  return line;
}

}  // namespace mtask::ui
