#include "pool/run_logs.hpp"

namespace mtask::pool {

Result<RunLogs> RunLogs::open(const Config& config) {
  RunLogs logs;
  if (config.results) {
    auto layout = parse_results(*config.results);
    if (!layout) return Unexpected(std::move(layout).error());
    logs.results.emplace(*std::move(layout));
  }
  if (!config.joblog) return logs;
  // First, as it locks the file.
  if (!config.dry_run) {
    const bool keeps = config.append_log || config.resume != Resume::kNo;
    auto opened = Joblog::open(*config.joblog, keeps ? Joblog::Opening::kAppend : Joblog::Opening::kFresh);
    if (!opened) return Unexpected(std::move(opened).error());
    logs.joblog.emplace(*std::move(opened));
  }
  if (config.resume == Resume::kResume || config.resume == Resume::kResumeFailed) {
    auto done = ResumeLog::read(*config.joblog, config.resume);
    if (!done) return Unexpected(std::move(done).error());
    logs.done.emplace(*std::move(done));
  }
  return logs;
}

}  // namespace mtask::pool
