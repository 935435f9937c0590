#pragma once
// How the end of a copy is told: the summary line, and its fields for --stats and JSON.

#include <string>
#include <string_view>
#include <vector>

#include "mtask/copy.hpp"
#include "ui/ui.hpp"

namespace mtask::cli {

// A field of the summary; the manual describes them from here.
struct SummaryField {
  std::string_view name;
  std::string_view meaning;  // one sentence without its full stop
  ui::FieldValue (*value)(const copy::Config&, const copy::Summary&);
};

[[nodiscard]] const std::vector<SummaryField>& copy_summary_fields();

[[nodiscard]] ui::SummaryFields summary_values(const copy::Config& config, const copy::Summary& summary);

// "name: value" lines.
[[nodiscard]] std::string stats_table(const ui::SummaryFields& fields);

// "'docs' -> '/tmp/x': 120 files, 14 directories, 1.4 MiB in 0.21 s (6.7 MiB/s); 12 up to date, 1 failed"
[[nodiscard]] std::string summary_line(const copy::Config& config, const copy::Summary& summary);

}  // namespace mtask::cli
