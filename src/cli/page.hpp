#pragma once
// The texts of a command that no table holds. --help and the manual page are laid out from them and from the options.

#include <string>
#include <string_view>
#include <vector>

namespace mtask::cli {

struct Example {
  std::string_view text{};     // what it is for, one line
  std::string_view command{};  // as typed
};

// A section of the manual; `body` is roff.
struct Section {
  std::string_view title{};
  std::string body{};
};

struct ExitMeaning {
  std::string_view code{};
  std::string_view meaning{};  // one sentence without its full stop
};

struct Page {
  std::vector<std::string_view> usage{};     // what follows the command's name
  std::string_view about{};                  // for --help: a few lines, already wrapped
  std::string_view description{};            // for the manual: roff
  std::vector<Example> examples{};           // for --help the first three, for the manual all
  std::vector<Section> sections{};           // of the manual, after OPTIONS
  std::vector<ExitMeaning> exit_statuses{};  // where they are not the common ones
  std::vector<std::string_view> see_also{};  // "cp(1)"
};

}  // namespace mtask::cli
