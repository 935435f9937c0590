// The sources' rows of the table of stages.

#include "gen/sources/make.hpp"
#include "gen/stage_table.hpp"

namespace mtask::gen {
namespace {

constexpr std::size_t kAny = StageRow::kAny;
constexpr StageOption kSeed{"seed", 0, "N", "The same N gives the same values on every machine"};
constexpr StageOption kCount{"count", 'n', "N", "End after N values"};
constexpr StageOption kAllowEmpty{"allow-empty", 0, "", "No value at all is no error"};

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
      {.name = "fib",
       .group = kSources,
       .operands = "[N]",
       .help = "The first N Fibonacci numbers, 0 1 1 2 3 ..., of any size; without N no end",
       .least = 0,
       .most = 1,
       .make = make_fib},
      {.name = "primes",
       .group = kSources,
       .operands = "[N]",
       .help = "The first N prime numbers; without N no end",
       .manual = "They end beyond 2^63 with an error.",
       .least = 0,
       .most = 1,
       .options = {{"min", 0, "N", "From N on"}, {"max", 0, "N", "Up to N, N included"}},
       .make = make_primes},
      {.name = "rand",
       .group = kSources,
       .operands = "DISTRIBUTION PARAMETER...",
       .help = "Random values: int LOW HIGH, real LOW HIGH, normal MEAN SD, exp RATE, poisson MEAN, choice WORD...",
       .manual = "exponential is another word for exp. The same seed gives the same values on every machine; without "
                 "one they differ each time. The "
                 "integers include LOW "
                 "and HIGH, the reals only LOW. Not for secrets.",
       .least = 1,
       .most = kAny,
       .options = {kSeed, kCount, {"weights", 0, "W,...", "How likely the words of choice are, one number a word"}},
       .make = make_rand},
  };
}

std::vector<StageRow> combination_sources() {
  return {
      {.name = "product",
       .group = kSources,
       .operands = "LIST...",
       .help = "A value of each LIST in every combination; the last changes fastest",
       .manual = "Lists are 1..10, a,b,c, @file, a source with its operands as one word, or any other word, which is a "
                 "list of one. "
                 "Those that cannot be had by number, as files, are read before the first value.",
       .least = 1,
       .most = kAny,
       .make = make_product},
      {.name = "perms",
       .group = kSources,
       .operands = "LIST [K]",
       .help = "K (all) values of LIST in every order",
       .manual = "In the order of their positions in LIST. Where K is more than there are, there is no value.",
       .least = 1,
       .most = 2,
       .make = make_perms},
      {.name = "combs",
       .group = kSources,
       .operands = "LIST K",
       .help = "Every choice of K values of LIST, in the order they have there",
       .least = 2,
       .most = 2,
       .options = {{"replace", 0, "", "A value may be chosen more than once"}},
       .make = make_combs},
      {.name = "powerset",
       .group = kSources,
       .operands = "LIST",
       .help = "Every subset of LIST, the small ones first; the first is empty",
       .least = 1,
       .most = 1,
       .make = make_powerset},
  };
}

std::vector<StageRow> text_sources() {
  return {
      {.name = "words",
       .group = kSources,
       .operands = "WORD...",
       .help = "The words themselves",
       .least = 0,
       .most = kAny,
       .make = make_words},
      {.name = "csv",
       .group = kSources,
       .operands = "FILE",
       .help = "Records of comma separated values, or one column of them; - is standard input",
       .manual = "The first record is the header, which is no value. Quoted fields may hold delimiters, quotes and "
                 "ends of lines. "
                 "Blank lines are passed over. A record with another number of fields than the first is an error; with "
                 "--keep-going "
                 "it is told and left out.",
       .least = 1,
       .most = 1,
       .options = {{"column", 'c', "NAME|N", "Only that column: its name in the header, or its number from 1"},
                   {"delimiter", 'd', "C", "Between the fields instead of a comma: one byte, or tab"},
                   {"no-header", 0, "", "The first record is a value, too"}},
       .make = make_csv},
      {.name = "walk",
       .group = kSources,
       .operands = "[DIR...]",
       .help = "The paths of DIR (.) and of all below it, sorted by name within a directory",
       .manual = "A directory comes before what it holds. Links are not followed. A directory that cannot be read is "
                 "an error after "
                 "what came before; with --keep-going it is told and passed over.",
       .least = 0,
       .most = kAny,
       .options = {{"type", 0, "T,...", "Only these: f files, d directories, l links, b c devices, p pipes, s sockets"},
                   {"name", 0, "GLOB", "Only names that match"},
                   {"min-depth", 0, "N", "Nothing less deep; DIR itself is 0"},
                   {"max-depth", 0, "N", "Nothing deeper"},
                   {"no-hidden", 0, "", "Neither names that begin with a dot nor what is below them"}},
       .make = make_walk},
      {.name = "repeat",
       .group = kSources,
       .operands = "VALUE [N]",
       .help = "VALUE, N times or without end",
       .least = 1,
       .most = 2,
       .make = make_repeat},
      {.name = "cycle",
       .group = kSources,
       .operands = "LIST [N]",
       .help = "The values of LIST over and over, N times or without end",
       .least = 1,
       .most = 2,
       .make = make_cycle},
  };
}

std::vector<StageRow> time_sources() {
  return {
      {.name = "date",
       .group = kSources,
       .operands = "FIRST [LAST [STEP]]",
       .help = "Dates or times from FIRST to LAST, both included, by STEP (1d); LAST may be inf",
       .manual = "2024-01-31, 2024-01-31T12:00, 2024-01-31T12:00:00Z or ...+02:00; a date is its midnight. Times are "
                 "those of a clock "
                 "at FIRST's offset from UTC, or at UTC where it has none; there is no summer time. Steps are 1d 2w "
                 "1mo 1y 15m (minutes) "
                 "1h 30s, several in one as 1h30m, backwards as -1d, and 1bd for business days, Monday to Friday. Each "
                 "date is "
                 "computed from the first: by a month from 01-31 come 02-29, 03-31, 04-30.",
       .least = 1,
       .most = 3,
       .options = {{"format", 'f', "TEXT", "As of strftime: %Y %m %d %H %M %S %j %a %b ..."},
                   {"month-end", 0, "", "The last day of each month, with steps of months or years"},
                   kAllowEmpty},
       .make = make_date},
  };
}

}  // namespace mtask::gen
