#include "gen/stage_table.hpp"

#include <algorithm>

namespace mtask::gen {
namespace {

std::vector<StageRow> all_rows() {
  std::vector<StageRow> rows;
  for (const auto& some :
       {number_sources, expression_sources, combination_sources, text_sources, time_sources, live_sources,
        selecting_stages, changing_stages, ordering_stages, joining_stages, timing_stages, folding_stages}) {
    for (StageRow& row : some()) rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

std::span<const StageRow> stage_table() {
  static const std::vector<StageRow> rows = all_rows();
  return rows;
}

const StageRow* find_stage(std::string_view name) {
  const auto rows = stage_table();
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const StageRow& row) { return row.name == name; });
  return found == rows.end() ? nullptr : &*found;
}

}  // namespace mtask::gen
