// The rows of stages that put streams together or hold them to a pace.

#include "gen/combinators/make.hpp"
#include "gen/stage_table.hpp"

namespace mtask::gen {

std::vector<StageRow> joining_stages() { return {}; }

std::vector<StageRow> timing_stages() { return {}; }

}  // namespace mtask::gen
