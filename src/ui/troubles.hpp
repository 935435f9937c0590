#pragma once
// Failures, warnings and retries as lines on stderr. On a terminal, after 20 of one kind (one reason: what follows the
// last ": ") the rest are counted and told at the end; elsewhere, and in the log file, every one is told.

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "mtask/events.hpp"
#include "ui/screen.hpp"

namespace mtask::ui {

class Troubles {
 public:
  // `screen` must outlive this.
  Troubles(Screen& screen, const Options& options);

  // Ignores kinds that are no trouble.
  void event(const Event& event);
  // Tells what was only counted.
  void finish();

 private:
  [[nodiscard]] bool hidden(std::string_view detail);

  Screen* screen_;
  std::string prefix_;
  bool warnings_;
  bool retries_;
  bool counting_;
  std::unordered_map<std::string, std::uint64_t> seen_;  // by reason
};

}  // namespace mtask::ui
