#pragma once
// What the options of `mtask gen` are written into, and its table of options.

#include <optional>
#include <string>

#include "cli/option.hpp"
#include "cli/shared_options.hpp"
#include "mtask/gen.hpp"

namespace mtask::cli {

struct GenArguments {
  gen::Config config;
  SharedArguments shared;
  bool null_separated = false;
  std::optional<std::string> separator;
  bool show_return = false;
  bool trace_turns = false;  // --trace without a file
};

// `into` must outlive the table.
void add_gen_options(OptionTable& table, GenArguments& into);

}  // namespace mtask::cli
