// The rows of sources that take expressions.

#include "gen/sources/make.hpp"
#include "gen/stage_table.hpp"

namespace mtask::gen {

std::vector<StageRow> expression_sources() {
  return {
      {.name = "iterate",
       .group = kSources,
       .operands = "START EXPR",
       .help = "START, then what EXPR makes of it, again and again",
       .manual = "Whole numbers may grow to any size. In EXPR i is the number of the value that is x.",
       .least = 2,
       .most = 2,
       .make = make_iterate},
  };
}

}  // namespace mtask::gen
