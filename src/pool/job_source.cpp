#include "pool/job_source.hpp"

#include "pool/block_source.hpp"
#include "pool/command_source.hpp"

namespace mtask::pool {
namespace {

Result<void> check(const Config& config) {
  if (config.command.replacement.empty()) return Unexpected(usage_error("the replacement string must not be empty"));
  const bool by_number = config.resume == Resume::kResume || config.resume == Resume::kResumeFailed;
  if (by_number && config.inputs.shuffle && !config.inputs.seed)
    return Unexpected(
        usage_error("a random order (--shuf) gives the jobs other numbers than the log has: it can't be resumed"));
  if (!config.pipe) return {};
  const Inputs& inputs = config.inputs;
  const bool reads_values = !inputs.sources.empty() || inputs.colsep || inputs.header || inputs.link ||
                            inputs.max_args > 0 || inputs.max_lines > 0 || inputs.shuffle ||
                            inputs.packing != Inputs::Packing::kNone;
  if (reads_values)
    return Unexpected(
        usage_error("--pipe gives standard input to the jobs; it takes no values and none of their options"));
  if (config.pipe->block == 0) return Unexpected(usage_error("a block of --pipe must have at least one byte"));
  if (config.pipe->record_lines == 0) return Unexpected(usage_error("a record of --pipe must have at least one line"));
  return {};
}

}  // namespace

Result<std::unique_ptr<JobSource>> open_jobs(const Config& config, int standard_input) {
  if (Result<void> fine = check(config); !fine) return Unexpected(std::move(fine).error());
  return config.pipe ? open_blocks(config, standard_input) : open_commands(config, standard_input);
}

}  // namespace mtask::pool
