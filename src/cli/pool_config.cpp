#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "base/text.hpp"
#include "base/unique_fd.hpp"
#include "cli/pool_arguments.hpp"
#include "os/cpus.hpp"
#include "os/fd_io.hpp"
#include "os/syscall.hpp"
#include "pool/command_template.hpp"
#include "pool/operands.hpp"

namespace mtask::cli {
namespace {

using pool::InputSource;

Result<void> choose_delimiter(PoolArguments& arguments) {
  if (arguments.null_separated) arguments.config.inputs.delimiter = '\0';
  if (!arguments.delimiter) return {};
  if (arguments.null_separated) return Unexpected(usage_error("--null and --delimiter exclude each other"));
  arguments.config.inputs.delimiter = *arguments.delimiter;
  return {};
}

Result<void> part_operands(PoolArguments& arguments, std::vector<std::string> operands) {
  pool::Config& config = arguments.config;
  auto split = pool::split_operands(std::move(operands), arguments.argument_separator);
  if (!split) return Unexpected(std::move(split).error());
  for (const std::string& path : arguments.argument_files) {
    config.inputs.sources.push_back({.kind = InputSource::Kind::kFile, .path = path, .values = {}});
  }
  for (InputSource& source : split->sources) config.inputs.sources.push_back(std::move(source));
  config.command.words = std::move(split->words);
  return {};
}

Result<void> choose_shell(PoolArguments& arguments) {
  pool::Template& command = arguments.config.command;
  if (arguments.no_shell && (arguments.shell || command.quote)) {
    const std::string other = arguments.shell ? "--shell" : "--quote";
    return Unexpected(usage_error("--no-shell and " + other + " exclude each other"));
  }
  const bool by_itself = !arguments.no_shell && pool::wants_shell(command.words);
  command.shell = arguments.shell || command.quote || by_itself;
  return {};
}

Result<void> choose_pipe(PoolArguments& arguments) {
  pool::Config& config = arguments.config;
  config.inputs.header = arguments.header == ":";
  if (!arguments.pipe) {
    if (arguments.header.empty() || arguments.header == ":") return {};
    return Unexpected(usage_error("--header takes ':', and with --pipe a number of lines"));
  }
  if (!config.inputs.sources.empty()) {
    return Unexpected(usage_error("--pipe parts standard input; it does not go with other inputs"));
  }
  if (config.command.words.empty()) return Unexpected(usage_error("--pipe needs a command"));
  pool::Pipe& pipe = arguments.pipe_options;
  if (pipe.block == 0) return Unexpected(usage_error("--block: a block holds at least one byte"));
  pipe.record_start = pool::unescape(arguments.record_start.value_or(""));
  if (arguments.record_end || arguments.record_start)
    pipe.record_end = pool::unescape(arguments.record_end.value_or(""));
  pipe.max_records = config.inputs.max_args;
  const bool skips_empty = config.inputs.no_run_if_empty;
  if (config.inputs.max_lines > 0) pipe.record_lines = config.inputs.max_lines;
  if (arguments.header == ":") {
    pipe.header_lines = 1;
  } else if (!arguments.header.empty()) {
    const auto lines = parse_number(arguments.header, 0, kMostHeaderLines);
    if (!lines) return Unexpected(lines.error());
    pipe.header_lines = *lines;
  }
  config.inputs = {};
  config.inputs.no_run_if_empty = skips_empty;
  config.pipe = pipe;
  return {};
}

Result<void> choose_slots(PoolArguments& arguments) {
  pool::Config& config = arguments.config;
  if (!arguments.jobs && config.terminal) {
    config.slots = 1;
  } else if (!arguments.jobs) {
    config.slots = std::min(os::usable_cpus(), pool::kMostSlots);
  } else if (arguments.jobs->is_file()) {
    config.max_slots = pool::kMostSlots;
  }
  return {};
}

Result<void> choose_resuming(PoolArguments& arguments) {
  pool::Config& config = arguments.config;
  const int wishes = arguments.resume + arguments.resume_failed + arguments.retry_failed;
  if (wishes == 0) return {};
  // GNU parallel takes --resume together with --resume-failed for the latter.
  if (arguments.retry_failed && wishes > 1) {
    return Unexpected(usage_error("--retry-failed does not go with --resume and --resume-failed"));
  }
  if (!config.joblog) return Unexpected(usage_error("resuming needs --joblog FILE"));
  if (arguments.retry_failed && !(config.command.words.empty() && config.inputs.sources.empty() && !config.pipe)) {
    return Unexpected(usage_error("--retry-failed takes the commands from the job log: give no command, no inputs"));
  }
  config.resume = arguments.retry_failed    ? pool::Resume::kRetryFailed
                  : arguments.resume_failed ? pool::Resume::kResumeFailed
                                            : pool::Resume::kResume;
  return {};
}

// Whoever uses the terminal finds neither other jobs nor a bar there.
Result<void> choose_terminal(PoolArguments& arguments) {
  pool::Config& config = arguments.config;
  if (config.terminal) {
    if (!UniqueFd(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)))
      return Unexpected(usage_error("--tty needs a terminal"));
    if (!config.command.tag && !config.results && !config.files && !config.keep_order)
      config.grouping = pool::Grouping::kNone;
  }
  const bool taken = config.terminal || arguments.interactive || config.grouping == pool::Grouping::kNone;
  if (taken && arguments.shared.progress == ui::ProgressMode::kAuto && !arguments.bar)
    arguments.shared.progress = ui::ProgressMode::kNever;
  return {};
}

Result<void> choose_output(PoolArguments& arguments) {
  pool::Config& config = arguments.config;
  if (arguments.tagstring) {
    config.command.tag = pool::unescape(*arguments.tagstring);
  } else if (arguments.tag) {
    config.command.tag = "{}";
  }
  if (config.grouping == pool::Grouping::kNone && (config.command.tag || config.results || config.files)) {
    return Unexpected(usage_error("--ungroup leaves the printing to the jobs: no --tag, --results or --files with it"));
  }
  if (arguments.bar && arguments.shared.progress == ui::ProgressMode::kAuto) {
    arguments.shared.progress = ui::ProgressMode::kAlways;
  }
  return {};
}

// Standard input may carry the values, so the question goes to the terminal itself.
Result<void> choose_asking(PoolArguments& arguments) {
  if (!arguments.interactive) return {};
  const int terminal = ::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (terminal == -1) return Unexpected(usage_error("--interactive needs a terminal"));
  auto owned = std::make_shared<UniqueFd>(terminal);
  arguments.config.confirm = [owned](const std::string& command, const StopToken& stop) {
    const std::string question = one_line(command) + " ?...";
    if (os::write_full(owned->get(), question.data(), question.size()) != 0) return false;
    std::string answer;
    for (char c = 0; c != '\n'; answer += c) {
      pollfd watched[2] = {{owned->get(), POLLIN, 0}, {stop.fd(), POLLIN, 0}};
      if (os::retry([&] { return ::poll(watched, 2, -1); }) == -1 || stop.stop_requested()) return false;
      if (os::read_full(owned->get(), &c, 1) != 1) return false;
    }
    return answer.starts_with('y') || answer.starts_with('Y');
  };
  return {};
}

}  // namespace

Result<pool::Config> finish_pool_config(PoolArguments& arguments, std::vector<std::string> operands) {
  if (auto done = choose_delimiter(arguments); !done) return Unexpected(std::move(done).error());
  if (auto done = part_operands(arguments, std::move(operands)); !done) return Unexpected(std::move(done).error());
  for (const auto step :
       {choose_shell, choose_pipe, choose_slots, choose_resuming, choose_output, choose_terminal, choose_asking}) {
    if (auto done = step(arguments); !done) return Unexpected(std::move(done).error());
  }
  return arguments.config;
}

std::function<std::optional<unsigned>()> watch_jobs(pool::JobsNumber jobs,
                                                    std::function<void(const std::string&)> warn) {
  return [jobs = std::move(jobs), warn = std::move(warn)]() mutable -> std::optional<unsigned> {
    const std::optional<unsigned> last = jobs.last();
    const auto now = jobs.evaluate();
    if (now) return *now;
    warn("--jobs: " + now.error().message() + "; going on with " + std::to_string(last.value_or(1)));
    return last;
  };
}

}  // namespace mtask::cli
