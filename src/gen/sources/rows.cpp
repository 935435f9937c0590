// The sources' rows of the table of stages.

#include "gen/sources/make.hpp"
#include "gen/stage_table.hpp"

namespace mtask::gen {
namespace {

constexpr std::size_t kAny = StageRow::kAny;
constexpr StageOption kSeed{"seed", 0, "N", "The same N gives the same values on every machine"};
constexpr StageOption kCount{"count", 'n', "N", "End after N values"};

}  // namespace

std::vector<StageRow> number_sources() {
  return {
      {.name = "range",
       .group = kSources,
       .operands = "[FIRST] LAST [STEP]",
       .help = "Numbers from FIRST (1) to LAST, both included; LAST may be inf",
       .manual = "Decimals are exact: range 0 1 0.1 has eleven values. A negative STEP counts down.",
       .least = 1,
       .most = 3,
       .options = {{"allow-empty", 0, "", "A range without a value is no error"}},
       .make = make_range},
  };
}

std::vector<StageRow> combination_sources() { return {}; }

std::vector<StageRow> text_sources() {
  return {
      {.name = "words",
       .group = kSources,
       .operands = "WORD...",
       .help = "The words themselves",
       .least = 0,
       .most = kAny,
       .make = make_words},
  };
}

std::vector<StageRow> time_sources() { return {}; }

}  // namespace mtask::gen
