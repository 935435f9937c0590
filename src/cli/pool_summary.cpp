#include "cli/pool_summary.hpp"

#include <chrono>
#include <cmath>

#include "base/units.hpp"

namespace mtask::cli {
namespace {

using pool::Config;
using pool::Summary;
using ui::FieldValue;

void add_count(std::string& text, std::uint64_t count, std::string_view what) {
  if (count > 0) text += (text.empty() ? "" : ", ") + format_count(count) + " " + std::string(what);
}

template <auto Member>
FieldValue get(const Config&, const Summary& summary) {
  return summary.*Member;
}

}  // namespace

const std::vector<PoolSummaryField>& pool_summary_fields() {
  static const std::vector<PoolSummaryField> fields = {
      {"slots", "Jobs at the same time",
       [](const Config& config, const Summary&) -> FieldValue { return std::uint64_t{config.slots}; }},
      {"jobs", "Jobs that were run or given up", get<&Summary::jobs>},
      {"succeeded", "Jobs that ended with exit status 0", get<&Summary::succeeded>},
      {"failed", "Jobs that did not", get<&Summary::failed>},
      {"troubles", "Failures beside the jobs' own: of an input, of the output, of the job log",
       get<&Summary::troubles>},
      {"skipped", "Jobs left out because the job log has them, or on request", get<&Summary::skipped>},
      {"retried", "Runs that were repeated", get<&Summary::retried>},
      {"timed_out", "Jobs that were ended because they took too long", get<&Summary::timed_out>},
      {"killed", "Jobs given up because their workers were killed", get<&Summary::killed>},
      {"worker_deaths", "Workers that died and were replaced", get<&Summary::worker_deaths>},
      {"bytes_out", "Bytes that the jobs printed", get<&Summary::bytes_out>},
      {"seconds", "How long it took", get<&Summary::seconds>},
      {"exit_status", "The exit status",
       [](const Config&, const Summary& summary) -> FieldValue {
         return static_cast<std::uint64_t>(summary.exit_status);
       }},
      {"halted", "--halt ended it early", get<&Summary::halted>},
      {"interrupted", "A signal ended it early", get<&Summary::interrupted>},
      {"reader_left", "It ended early because nobody read its output any more", get<&Summary::reader_left>},
  };
  return fields;
}

ui::SummaryFields pool_summary_values(const Config& config, const Summary& summary) {
  ui::SummaryFields values;
  for (const PoolSummaryField& field : pool_summary_fields()) {
    values.emplace_back(std::string(field.name), field.value(config, summary));
  }
  return values;
}

std::string pool_summary_line(const Summary& summary) {
  using std::chrono::nanoseconds;
  std::string line = format_count(summary.jobs) + (summary.jobs == 1 ? " job in " : " jobs in ");
  line += format_duration(std::chrono::round<nanoseconds>(std::chrono::duration<double>(summary.seconds)));
  if (summary.jobs > 1 && summary.seconds > 0) {
    const double rate = static_cast<double>(summary.jobs) / summary.seconds;
    if (rate >= 1) line += " (" + format_count(static_cast<std::uint64_t>(std::llround(rate))) + "/s)";
  }
  std::string rest;
  add_count(rest, summary.failed, "failed");
  add_count(rest, summary.timed_out, "timed out");
  add_count(rest, summary.troubles, "other failures");
  add_count(rest, summary.killed, "killed with their workers");
  add_count(rest, summary.retried, "retried");
  add_count(rest, summary.skipped, "skipped");
  if (!rest.empty()) line += "; " + rest;
  return line;
}

}  // namespace mtask::cli
