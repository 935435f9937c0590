// The rows of stages that put streams together or hold them to a pace.

#include "gen/combinators/make.hpp"
#include "gen/stage_table.hpp"

namespace mtask::gen {
namespace {

constexpr auto kAfter = StageRow::Place::kCombinator;
constexpr auto kEither = StageRow::Place::kEither;

// All of them take streams, and what they stand after is the first.
StageRow joining(std::string_view name, std::string_view help, std::string_view manual,
                 Result<StreamPtr> (*make)(StageArguments& arguments)) {
  StageRow row;
  row.name = name;
  row.group = kCombinators;
  row.operands = "STREAM...";
  row.help = help;
  row.manual = manual;
  row.place = kEither;
  row.least = 1;
  row.most = StageRow::kAny;
  row.make = make;
  return row;
}

}  // namespace

std::vector<StageRow> joining_stages() {
  StageRow zip = joining("zip", "One value of each, side by side, as the fields of one",
                         "It ends with the stream that ends first.", make_zip);
  zip.options = {{"longest", 0, "", "End with the stream that ends last"},
                 {"fill", 0, "TEXT", "With --longest: what stands for the values of those that have ended (nothing)"}};
  return {
      std::move(zip),
      joining("chain", "All values of the first stream, then all of the next",
              "A stream begins when the one before it has ended.", make_chain),
      joining("interleave", "One value of each in turn",
              "The order is always the same, however long one takes; all wait at the same time. One that ends leaves "
              "the round.",
              make_interleave),
      joining(
          "merge", "Values of all streams as they come",
          "Each is asked again when its values have gone on, so none is left behind and none runs far ahead. Streams "
          "that are always ready take turns, some hundred values at a time; interleave takes one of each.",
          make_merge),
      joining("switch", "One stream runs at a time, and hands over to the next after each value",
              "The others stand still meanwhile: while one waits, nobody else does anything. One that ends hands over "
              "and leaves.",
              make_switch),
  };
}

std::vector<StageRow> timing_stages() {
  return {
      {.name = "rate",
       .group = kCombinators,
       .operands = "N[/s|/m|/h]",
       .help = "At most N values a second, minute or hour, evenly",
       .manual =
           "The times do not drift: 1000/s is 60000 a minute. After a pause N is not made up for, except by --burst.",
       .place = kAfter,
       .least = 1,
       .most = 1,
       .options = {{"burst", 0, "N", "How many may go at once, at the beginning and after a pause (1)"}},
       .make = make_rate},
      {.name = "delay",
       .group = kCombinators,
       .operands = "TIME",
       .help = "Each value TIME after it came",
       .manual = "Distances between values stay as they were. Up to 16384 values are held; then the source waits.",
       .place = kAfter,
       .least = 1,
       .most = 1,
       .make = make_delay},
      {.name = "timeout",
       .group = kCombinators,
       .operands = "[TIME]",
       .help = "Fail when a value takes longer than TIME, or all longer than --total",
       .manual = "Values that came before are written; the exit code is 1. The time that the reader takes does not "
                 "count, but "
                 "for --total. A source that computes is never interrupted.",
       .place = kAfter,
       .least = 0,
       .most = 1,
       .options = {{"total", 0, "TIME", "Fail when the stream is not at its end TIME after its beginning"}},
       .make = make_timeout},
  };
}

}  // namespace mtask::gen
