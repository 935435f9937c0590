#pragma once
// What an earlier run's job log says about the jobs of this one.
//
// GNU parallel goes by the sequence number alone: when the list of inputs has changed since, it skips the wrong jobs
// and says nothing. Here the log's command is compared too, by a hash (XXH3, 64 bits).
//
// 16 bytes a job that counts as done; the texts of failed jobs only with kRetryFailed. Not changed once read, so any
// thread may ask. The file is read once, is not locked (open the Joblog first, which locks it), and a last line without
// a newline, torn by a crash, counts as not there.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mtask/pool.hpp"
#include "mtask/result.hpp"

namespace mtask::pool {

enum class Verdict : std::uint8_t {
  kRun,
  kSkip,     // done before
  kChanged,  // the log has another command as done under this number: the inputs are not those of that log
};

struct FailedJob {
  std::uint64_t seq = 0;
  std::string command;  // newlines as newlines
};

class ResumeLog {
 public:
  // kRetryFailed: a usage error when a job that failed had read a block of --pipe, as only its command is known.
  // No file, or an empty one: nothing was done (kRetryFailed: an error, for there is nothing to retry). Fails with
  // kUnavailable, naming file and line, at a line that is no record.
  [[nodiscard]] static Result<ResumeLog> read(const std::string& path, Resume mode);

  // kResume: is there any record of the job? kResumeFailed: is its last record a success? `command` is JobSpec::shown;
  // where kSlotMark stands in it, each run has another text, so the number decides alone.
  [[nodiscard]] Verdict verdict(std::uint64_t seq, std::string_view command) const;

  // Jobs that count as done.
  [[nodiscard]] std::uint64_t done() const noexcept { return jobs_.size(); }

  // kRetryFailed: the jobs whose last record is a failure, by ascending seq; empty in the other modes.
  [[nodiscard]] const std::vector<FailedJob>& failed() const noexcept { return failed_; }

 private:
  struct Job {
    std::uint64_t seq;
    std::uint64_t hash;
  };
  friend class ResumeReader;
  std::vector<Job> jobs_;  // by seq, each once
  std::vector<FailedJob> failed_;
};

}  // namespace mtask::pool
