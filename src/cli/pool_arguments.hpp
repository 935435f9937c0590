#pragma once
// What the options of `mtask pool` are written into, and its table of options.

#include <optional>
#include <string>
#include <vector>

#include "cli/option.hpp"
#include "cli/shared_options.hpp"
#include "mtask/pool.hpp"

namespace mtask::cli {

struct PoolArguments {
  pool::Config config;
  SharedArguments shared;
  std::string jobs = "0";  // -j: a number, a share of the CPUs or a file; see pool/jobs_number.hpp
  std::vector<std::string> argument_files;
  std::string argument_separator = ":::";
  std::string delimiter;
  std::string header;  // ":", or for --pipe also a number of lines
  std::string load;
  bool null_separated = false;
  bool shell = false;
  bool no_shell = false;
  bool tag = false;
  std::optional<std::string> tagstring;
  bool ungroup = false;
  bool line_buffer = false;
  bool pipe = false;
  pool::Pipe pipe_options;
  std::optional<std::string> record_start;
  std::optional<std::string> record_end;
  bool interactive = false;
  bool bar = false;
  bool resume = false;
  bool resume_failed = false;
  bool retry_failed = false;
};

// `into` must outlive the table.
void add_pool_options(OptionTable& table, PoolArguments& into);

// The rows by subject; add_pool_options() calls them all.
void add_pool_input_options(OptionTable& table, PoolArguments& into);
void add_pool_output_options(OptionTable& table, PoolArguments& into);
void add_pool_control_options(OptionTable& table, PoolArguments& into);

// The configuration the engine gets: operands parted into command and inputs, contradictions refused (kUsage).
[[nodiscard]] Result<pool::Config> finish_pool_config(PoolArguments& arguments, std::vector<std::string> operands);

}  // namespace mtask::cli
