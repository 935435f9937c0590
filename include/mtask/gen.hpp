#pragma once
// Lazy streams of values: sources, combinators and a writer, as one pipeline that writes to standard output.
//
// run() makes an event loop of its own on the calling thread. What it starts (children, helper threads) has ended when
// it returns.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mtask/events.hpp"
#include "mtask/result.hpp"
#include "mtask/stop.hpp"

namespace mtask::gen {

// How values are written.
struct Format {
  std::string separator = "\n";        // after each value; between them where `separator_between`
  bool separator_between = false;      // and a newline after the last
  std::string field_separator = "\t";  // between the fields of a value
  bool json = false;                   // a value is a JSON text: a number, a string, or an array of its fields
  bool pad = false;                    // numbers get leading zeros
  std::uint64_t width = 0;             // of padded numbers; 0: that of the widest, which must be known before
  std::optional<std::string> format;   // a template as of `format`, or printf's with one directive
};

struct Config {
  std::vector<std::string> arguments;  // the pipeline, a word each
  std::optional<std::string> text;     // the pipeline as one text, instead
  Format format;
  bool keep_going = false;              // a source that fails ends; the others go on
  std::uint64_t memory = 64ULL << 20U;  // bytes that sort and shuffle may hold
  std::string tmpdir = "/tmp";          // for what is beyond that
  // A hand-over between the streams of a stage, told as it happens. Empty: not told.
  std::function<void(std::string_view stage, std::string_view from, std::string_view to)> trace;
  // A task that kept the others waiting for over 100 ms. Empty: not watched.
  std::function<void(std::string_view task, std::chrono::nanoseconds)> blocked;
};

struct Summary {
  std::uint64_t values = 0;
  std::uint64_t bytes = 0;
  std::uint64_t failed = 0;             // sources that failed while others went on
  std::optional<std::string> returned;  // what the pipeline returned; nothing where it was left before its end
  bool reader_left = false;
  bool interrupted = false;
};

// Checks the pipeline: kUsage tells what is wrong, with the line and a caret below its place.
[[nodiscard]] Result<void> check(const Config& config);

// Runs it. A failure of the pipeline comes back as an error of kind kItem after all values before it were written.
[[nodiscard]] Result<Summary> run(const Config& config, Events& events, StopToken stop);

// An expression that computes for ever hears of no StopToken. This ends those that run now and in the rest of the run.
// For the handler of a signal that requests the stop, too: async-signal-safe. Lua's own functions are not interrupted.
void interrupt_expressions() noexcept;

// What the stages are, for help and manual.
struct StageHelp {
  struct Option {
    std::string_view name;         // without dashes
    char letter = 0;               // 0: none
    std::string_view placeholder;  // empty: it takes no value
    std::string_view help;
  };
  std::string_view name, group, operands, help, manual;
  bool begins = false;         // it can stand first
  bool follows = false;        // it can stand after another one
  std::size_t least = 0;       // operands that it needs
  bool options_first = false;  // options stand before the operands, which may look like some
  std::vector<Option> options;
};
[[nodiscard]] std::vector<StageHelp> stages();

}  // namespace mtask::gen
