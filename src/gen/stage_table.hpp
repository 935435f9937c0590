#pragma once
// The table of stages: the one place that knows their names, operands and options. The builder, the help and the manual
// are read from it.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "gen/stream.hpp"
#include "mtask/result.hpp"

namespace mtask::gen {

class StageArguments;

struct StageOption {
  std::string_view name{};         // without dashes
  char letter = 0;                 // its one-letter name
  std::string_view placeholder{};  // of its value; empty: a switch
  std::string_view help{};
};

struct StageRow {
  enum class Place : std::uint8_t {
    kSource,      // stands first
    kCombinator,  // stands after another
    kEither,      // combines the streams that are its operands, and what it stands after
  };
  static constexpr std::size_t kAny = SIZE_MAX;

  std::string_view name{};
  std::string_view group{};     // heading in the help
  std::string_view operands{};  // "FIRST LAST [STEP]"
  std::string_view help{};      // one line
  std::string_view manual{};    // more for the manual, whole sentences; may be empty
  Place place = Place::kSource;
  std::size_t least = 0;  // operands
  std::size_t most = 0;
  std::vector<StageOption> options{};
  // Operands begin with the first word that is no option; the rest are operands whatever they look like (a command).
  bool options_first = false;
  // A stream of the stage, on top of the one in `arguments`, where it is no source.
  Result<StreamPtr> (*make)(StageArguments& arguments) = nullptr;
};

inline constexpr std::string_view kSources = "Sources";
inline constexpr std::string_view kCombinators = "Combinators";

// All rows, in the order of the help.
[[nodiscard]] std::span<const StageRow> stage_table();
[[nodiscard]] const StageRow* find_stage(std::string_view name);

// Rows by subject; each is defined beside its stages.
[[nodiscard]] std::vector<StageRow> number_sources();       // range fib primes rand
[[nodiscard]] std::vector<StageRow> expression_sources();   // iterate
[[nodiscard]] std::vector<StageRow> combination_sources();  // product perms combs powerset
[[nodiscard]] std::vector<StageRow> text_sources();         // words csv walk repeat cycle
[[nodiscard]] std::vector<StageRow> time_sources();         // date
[[nodiscard]] std::vector<StageRow> live_sources();         // lines tick cron cmd tcp
[[nodiscard]] std::vector<StageRow> selecting_stages();     // take skip step nth shard until filter uniq sample
[[nodiscard]] std::vector<StageRow> changing_stages();      // map flatmap format label enumerate window batch tee
[[nodiscard]] std::vector<StageRow> ordering_stages();      // shuffle sort
[[nodiscard]] std::vector<StageRow> joining_stages();       // zip chain interleave merge switch
[[nodiscard]] std::vector<StageRow> timing_stages();        // rate delay timeout
[[nodiscard]] std::vector<StageRow> folding_stages();       // reduce count sum min max

}  // namespace mtask::gen
