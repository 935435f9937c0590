#include "ui/troubles.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/units.hpp"

namespace mtask::ui {
namespace {

constexpr std::uint64_t kMostShown = 20;
constexpr std::size_t kMostKinds = 1'000;

std::string_view reason_of(std::string_view detail) {
  const std::size_t colon = detail.rfind(": ");
  return colon == std::string_view::npos ? detail : detail.substr(colon + 2);
}

}  // namespace

Troubles::Troubles(Screen& screen, const Options& options)
    : screen_(&screen),
      prefix_("mtask " + options.command + ": "),
      warnings_(!options.quiet),
      retries_(!options.quiet && options.verbosity > 0),
      counting_(::isatty(options.err_fd) == 1) {}

bool Troubles::hidden(std::string_view detail) {
  if (!counting_) return false;
  std::string reason(reason_of(detail));
  // Reasons without end (each naming its item) are shown rather than remembered.
  if (seen_.size() >= kMostKinds && !seen_.contains(reason)) return false;
  return ++seen_[std::move(reason)] > kMostShown;
}

void Troubles::event(const Event& event) {
  log::Level level = log::Level::kError;
  bool shown = true;
  if (event.kind == Event::Kind::kWarning) {
    level = log::Level::kWarning;
    shown = warnings_;
  } else if (event.kind == Event::Kind::kRetried) {
    level = log::Level::kInfo;
    shown = retries_;
  } else if (event.kind != Event::Kind::kFailed) {
    return;
  }
  const std::string line = prefix_ + std::string(event.detail);
  if (!shown || hidden(event.detail)) {
    log::record(level, line);
  } else {
    screen_->say(level, line);
  }
}

void Troubles::finish() {
  std::vector<std::pair<std::uint64_t, std::string>> left_out;
  for (const auto& [reason, count] : seen_) {
    if (count > kMostShown) left_out.emplace_back(count - kMostShown, reason);
  }
  std::sort(left_out.begin(), left_out.end(), std::greater<>());
  for (const auto& [count, reason] : left_out) {
    screen_->say(log::Level::kError, prefix_ + "and " + format_count(count) + " more: " + reason);
  }
  seen_.clear();
}

}  // namespace mtask::ui
