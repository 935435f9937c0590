#include "base/units.hpp"
#include "cli/option_rows.hpp"
#include "cli/pool_arguments.hpp"
#include "os/cpus.hpp"
#include "pool/admission.hpp"
#include "pool/halt_policy.hpp"
#include "pool/pace.hpp"
#include "pool/term_sequence.hpp"
#include "pool/timeout_policy.hpp"

namespace mtask::cli {
namespace {

constexpr std::string_view kEnds = "How jobs and runs end";
constexpr std::string_view kPace = "When jobs start";
constexpr std::string_view kRecords = "Records and resuming";

// A setter that stores what `parse` makes of the text.
template <class Parse, class Target>
std::function<Result<void>(std::string_view)> set_parsed(Parse parse, Target& target) {
  return [parse, &target](std::string_view value) -> Result<void> {
    auto parsed = parse(value);
    if (!parsed) return Unexpected(std::move(parsed).error());
    target = *std::move(parsed);
    return {};
  };
}

std::function<Result<void>(std::string_view)> set_count(std::uint32_t& target, std::uint64_t least) {
  return [&target, least](std::string_view value) -> Result<void> {
    const auto number = parse_number(value, least, 1'000'000);
    if (!number) return Unexpected(number.error());
    target = static_cast<std::uint32_t>(*number);
    return {};
  };
}

// One entry a name: the last one stands.
Result<void> set_variable(pool::Config& config, std::string_view assignment) {
  const std::size_t sign = assignment.find('=');
  if (assignment.empty() || sign == 0) return Unexpected(usage_error("a variable needs a name"));
  if (sign == std::string_view::npos) return {};
  const std::string name(assignment.substr(0, sign));
  std::erase_if(config.environment, [&](const auto& variable) { return variable.first == name; });
  config.environment.emplace_back(name, assignment.substr(sign + 1));
  return {};
}

void add_ends(OptionTable& table, PoolArguments& into) {
  RowAdder rows(table, kEnds);
  pool::Config& config = into.config;
  rows.value({.name = "timeout",
              .placeholder = "TIME",
              .help = "End a job that runs longer than TIME: 10s, 1m30s, or 300% of the median",
              .man = "It fails. It ends with all its descendants, those in sessions of their own too."},
             set_parsed(pool::parse_timeout, config.timeout), Option::Value::kQuantity);
  rows.duration(
      {.name = "grace", .placeholder = "TIME", .help = "From asking a job to end (TERM) to killing it (default 5s)"},
      config.grace);
  rows.value({.name = "term-seq",
              .placeholder = "LIST",
              .help = "Signals and milliseconds instead, as TERM,200,INT,100,KILL,25"},
             set_parsed(pool::parse_term_sequence, config.term_sequence));
  rows.alias("term-seq", "termseq");
  rows.value(
      {.name = "retries", .placeholder = "N", .help = "Run a job that fails up to N times in all; 0: without end"},
      set_count(config.tries, 0), Option::Value::kNumber);
  rows.duration({.name = "backoff",
                 .placeholder = "TIME",
                 .help = "Wait TIME before the second run of a job, twice as long before each next",
                 .man = "The pauses grow up to 5 minutes, or to TIME where that is longer."},
                config.backoff);
  rows.value({.name = "crash-limit", .placeholder = "N", .help = "Give a job up that N workers died with (default 3)"},
             set_count(config.crash_limit, 1), Option::Value::kNumber);
  rows.value({.name = "halt",
              .placeholder = "WHEN",
              .help = "End early: now|soon,fail|success|done=N|N%, as now,fail=1",
              .man = "soon starts no more jobs; now also ends those that run. never is the default."},
             set_parsed(pool::parse_halt, config.halt));
  rows.alias("halt", "halt-on-error");
}

void add_pace(OptionTable& table, PoolArguments& into) {
  RowAdder rows(table, kPace);
  pool::Config& config = into.config;
  rows.duration({.name = "delay", .placeholder = "TIME", .help = "At least TIME between two starts"}, config.delay);
  rows.value({.name = "limit-rate", .placeholder = "RATE", .help = "At most so many starts a second, as 50/s"},
             set_parsed(pool::parse_start_rate, config.limit_rate), Option::Value::kQuantity);
  rows.value(
      {.name = "load",
       .placeholder = "LOAD",
       .help = "Start none while the load is above LOAD: 4.5, or 80% of the CPUs"},
      set_parsed([](std::string_view value) { return pool::parse_load(value, os::usable_cpus()); }, config.max_load),
      Option::Value::kQuantity);
  rows.value(
      {.name = "memfree",
       .placeholder = "SIZE",
       .help = "Start none while less memory is free; below half of it the youngest job is put back"},
      [&config](std::string_view value) -> Result<void> {
        const auto bytes = parse_size(value);
        if (!bytes) return Unexpected(bytes.error());
        config.min_free_memory = *bytes;
        return {};
      },
      Option::Value::kSize);
  rows.value(
      {.name = "nice", .placeholder = "N", .help = "The jobs' niceness, -20 to 19"},
      [&config](std::string_view value) -> Result<void> {
        const bool negative = value.starts_with('-');
        const auto number = parse_number(value.substr(negative ? 1 : 0), 0, negative ? 20 : 19);
        if (!number) return Unexpected(usage_error("a niceness is a number from -20 to 19"));
        config.nice = static_cast<int>(*number) * (negative ? -1 : 1);
        return {};
      },
      Option::Value::kQuantity);
  Option& env = rows.value({.name = "env",
                            .placeholder = "NAME[=VALUE]",
                            .help = "Set NAME for the jobs; may be repeated",
                            .man = "Without a value it is accepted for the habit of it: jobs inherit the environment."},
                           [&config](std::string_view value) { return set_variable(config, value); });
  env.repeatable = true;
  env.weaker_first = true;
}

void add_records(OptionTable& table, PoolArguments& into) {
  RowAdder rows(table, kRecords);
  rows.value(
      {.name = "joblog",
       .placeholder = "FILE",
       .help = "A line for each job that ended, in GNU parallel's columns; +FILE appends",
       .man = "Each line is written at once, when the job has ended. See RESUMING."},
      [&config = into.config](std::string_view value) -> Result<void> {
        config.append_log = value.starts_with('+');
        config.joblog = value.substr(config.append_log ? 1 : 0);
        if (config.joblog->empty()) return Unexpected(usage_error("the file's name is empty"));
        return {};
      },
      Option::Value::kFile);
  rows.alias("joblog", "jl");
  rows.flag({.name = "resume", .help = "Leave out the jobs that the job log has"}, into.resume).command_line_only =
      true;
  rows.flag({.name = "resume-failed", .help = "Leave out the jobs that the job log has as successful"},
            into.resume_failed)
      .command_line_only = true;
  rows.alias("resume-failed", "resumefailed");
  rows.flag({.name = "retry-failed", .help = "Run the failed jobs of the job log; no command, no inputs"},
            into.retry_failed)
      .command_line_only = true;
}

}  // namespace

void add_pool_control_options(OptionTable& table, PoolArguments& into) {
  add_ends(table, into);
  add_pace(table, into);
  add_records(table, into);
}

}  // namespace mtask::cli
