// The combinators' rows of the table of stages.

#include "gen/combinators/make.hpp"
#include "gen/stage_table.hpp"

namespace mtask::gen {
namespace {

constexpr auto kAfter = StageRow::Place::kCombinator;

}  // namespace

std::vector<StageRow> selecting_stages() {
  return {
      {.name = "take",
       .group = kCombinators,
       .operands = "N",
       .help = "The first N values, then the end",
       .place = kAfter,
       .least = 1,
       .most = 1,
       .make = make_take},
      {.name = "skip",
       .group = kCombinators,
       .operands = "N",
       .help = "All but the first N values",
       .place = kAfter,
       .least = 1,
       .most = 1,
       .make = make_skip},
      {.name = "step",
       .group = kCombinators,
       .operands = "N",
       .help = "The first value and every Nth after it",
       .place = kAfter,
       .least = 1,
       .most = 1,
       .make = make_step},
      {.name = "nth",
       .group = kCombinators,
       .operands = "N",
       .help = "The value with the number N, from 0, alone",
       .place = kAfter,
       .least = 1,
       .most = 1,
       .make = make_nth},
      {.name = "shard",
       .group = kCombinators,
       .operands = "K/N",
       .help = "Part K of N: every Nth value, beginning with the Kth",
       .place = kAfter,
       .least = 1,
       .most = 1,
       .make = make_shard},
  };
}

std::vector<StageRow> changing_stages() { return {}; }

std::vector<StageRow> ordering_stages() { return {}; }

std::vector<StageRow> folding_stages() { return {}; }

}  // namespace mtask::gen
