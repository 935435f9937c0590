// The rows of sources whose values come when they come.

#include "gen/sources/make.hpp"
#include "gen/stage_table.hpp"

namespace mtask::gen {

std::vector<StageRow> live_sources() { return {}; }

}  // namespace mtask::gen
