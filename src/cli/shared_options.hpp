#pragma once
// The options that every command with a run has.

#include <optional>
#include <string>

#include "cli/option.hpp"
#include "ui/ui.hpp"

namespace mtask::cli {

struct SharedArguments {
  bool quiet = false;
  int verbosity = 0;
  std::string log_file;
  ui::ProgressMode progress = ui::ProgressMode::kAuto;
  std::optional<std::string> json;
  std::optional<std::string> report;
  std::optional<std::string> trace;
  bool strict_pipe = false;

  // Standard output is taken by JSON lines.
  [[nodiscard]] bool json_on_stdout() const { return json && (json->empty() || *json == "-"); }
};

inline constexpr std::string_view kOutputGroup = "Output";
inline constexpr std::string_view kGeneralGroup = "General";

// `into` must outlive the table.
void add_shared_options(OptionTable& table, SharedArguments& into);

// --help, and the hidden --help-man: acted on before a command runs.
void add_help_options(OptionTable& table);

[[nodiscard]] ui::Options ui_options(const SharedArguments& arguments, std::string_view command);

// Sends the log where the arguments want it. The error is the file's.
[[nodiscard]] Result<void> open_log(const SharedArguments& arguments);

}  // namespace mtask::cli
