#pragma once
// How the end of a run of `mtask pool` is told: the summary line, and its fields for JSON.

#include <string>
#include <string_view>
#include <vector>

#include "mtask/pool.hpp"
#include "ui/ui.hpp"

namespace mtask::cli {

// A field of the summary; the manual describes them from here.
struct PoolSummaryField {
  std::string_view name;
  std::string_view meaning;  // one sentence without its full stop
  ui::FieldValue (*value)(const pool::Config&, const pool::Summary&);
};

[[nodiscard]] const std::vector<PoolSummaryField>& pool_summary_fields();

[[nodiscard]] ui::SummaryFields pool_summary_values(const pool::Config& config, const pool::Summary& summary);

// "120 jobs in 3.2 s (37/s); 2 failed, 1 timed out"
[[nodiscard]] std::string pool_summary_line(const pool::Summary& summary);

}  // namespace mtask::cli
