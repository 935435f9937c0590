#pragma once
// What the options of `mtask pool` are written into, and its table of options.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/option.hpp"
#include "cli/shared_options.hpp"
#include "mtask/pool.hpp"
#include "pool/jobs_number.hpp"

namespace mtask::cli {

inline constexpr std::uint64_t kMostHeaderLines = 1'000'000;

struct PoolArguments {
  pool::Config config;
  SharedArguments shared;
  std::optional<pool::JobsNumber> jobs;  // none: the CPUs
  std::vector<std::string> argument_files;
  std::string argument_separator = ":::";
  std::optional<char> delimiter;
  std::string header;  // ":", or for --pipe also a number of lines
  bool null_separated = false;
  bool shell = false;
  bool no_shell = false;
  bool tag = false;
  std::optional<std::string> tagstring;
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

// For pool::Config::slots_now: the number of a file of --jobs as it is now. One that turned wrong is told to `warn`
// once, until it is right again; meanwhile the last good number stands.
[[nodiscard]] std::function<std::optional<unsigned>()> watch_jobs(pool::JobsNumber jobs,
                                                                  std::function<void(const std::string&)> warn);

}  // namespace mtask::cli
