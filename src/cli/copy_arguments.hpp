#pragma once
// What the options of `mtask copy` are written into, and its table of options.

#include <string>
#include <vector>

#include "cli/option.hpp"
#include "cli/shared_options.hpp"
#include "mtask/copy.hpp"

namespace mtask::cli {

struct CopyArguments {
  CopyArguments() { config.workers = 0; }  // 0: as many as there are CPUs, counted by finish_copy_config()

  copy::Config config;
  SharedArguments shared;
  std::string target_directory;
  std::string files_from;  // file name, "-": standard input
  bool null_separated = false;
  bool stdin_taken = false;  // by a list of patterns
  bool stats = false;
};

// `into` must outlive the table.
void add_copy_options(OptionTable& table, CopyArguments& into);

// The rows by subject; add_copy_options() calls them all.
void add_copy_metadata_options(OptionTable& table, CopyArguments& into);
void add_copy_selection_options(OptionTable& table, CopyArguments& into);

// The configuration the engine gets: operands put in their places, lists read, contradictions refused (kUsage).
[[nodiscard]] Result<copy::Config> finish_copy_config(CopyArguments& arguments, std::vector<std::string> operands);

}  // namespace mtask::cli
