// A run from its configuration to its summary.

#include <utility>
#include <vector>

#include "mtask/pool.hpp"
#include "pool/engine.hpp"
#include "pool/job_source.hpp"
#include "pool/resume.hpp"
#include "pool/shell_quote.hpp"

namespace mtask::pool {
namespace {

// The jobs that a log has as failed, by their command lines.
class FailedJobs : public JobSource {
 public:
  FailedJobs(std::vector<FailedJob> jobs, std::string shell) : jobs_(std::move(jobs)), shell_(std::move(shell)) {}

  Result<std::optional<JobSpec>> next() override {
    if (next_ == jobs_.size()) return std::optional<JobSpec>();
    FailedJob& failed = jobs_[next_++];
    JobSpec job;
    job.seq = failed.seq;
    job.argv = {shell_, "-c", failed.command};
    job.shown = std::move(failed.command);
    return std::optional<JobSpec>(std::move(job));
  }
  [[nodiscard]] int input_fd() const override { return -1; }
  [[nodiscard]] std::optional<std::uint64_t> total() const override { return jobs_.size(); }

 private:
  std::vector<FailedJob> jobs_;
  std::string shell_;
  std::size_t next_ = 0;
};

Result<std::unique_ptr<JobSource>> failed_jobs(const Config& config) {
  if (!config.joblog) return Unexpected(usage_error("jobs can be retried only with the log of their run"));
  auto log = ResumeLog::read(*config.joblog, config.resume);
  if (!log) return Unexpected(std::move(log).error());
  auto shell = job_shell();
  if (!shell) return Unexpected(std::move(shell).error());
  return std::unique_ptr<JobSource>(std::make_unique<FailedJobs>(log->failed(), *std::move(shell)));
}

}  // namespace

Result<Summary> run(const Config& config, Events& events, StopToken stop) {
  auto jobs = config.resume == Resume::kRetryFailed ? failed_jobs(config) : open_jobs(config);
  if (!jobs) return Unexpected(std::move(jobs).error());
  return run_jobs(config, **jobs, events, stop);
}

}  // namespace mtask::pool
