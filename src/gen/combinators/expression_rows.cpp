// The rows of stages that take expressions.

#include "gen/sources/make.hpp"
#include "gen/stage_table.hpp"

namespace mtask::gen {

std::vector<StageRow> expression_sources() { return {}; }

}  // namespace mtask::gen
