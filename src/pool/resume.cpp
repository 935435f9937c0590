#include "pool/resume.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <optional>

#include "base/text.hpp"
#include "base/unique_fd.hpp"
#include "os/fd_io.hpp"
#include "os/syscall.hpp"
#include "pool/job.hpp"
#include "pool/joblog.hpp"
#include "pool/joblog_record.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace mtask::pool {
namespace {

constexpr std::size_t kBlock = 1U << 20;
constexpr std::uint64_t kFailedBit = std::uint64_t{1} << 63;  // in Job::seq, while the log is being read

// Of a command as the log has it.
std::uint64_t hash_of(std::string_view logged) { return XXH3_64bits(logged.data(), logged.size()); }

}  // namespace

// Takes the log line by line.
class ResumeReader {
 public:
  ResumeReader(const std::string& path, Resume mode) : path_(path), mode_(mode) {}

  Result<void> read(int fd, std::size_t size) {
    std::string buffer;
    std::size_t kept = 0;  // of a line that goes on in the next block
    for (;;) {
      buffer.resize(kept + kBlock);
      const ssize_t got = os::read_full(fd, buffer.data() + kept, kBlock);
      if (got == -1) {
        return Unexpected(system_error(ErrorKind::kUnavailable, errno, "cannot read the job log " + quote(path_)));
      }
      std::string_view text(buffer.data(), kept + static_cast<std::size_t>(got));
      if (auto taken = take_lines(text); !taken) return taken;
      reserve(size);
      if (static_cast<std::size_t>(got) < kBlock) return {};
      kept = text.size();
      buffer.erase(0, buffer.size() - kept);
    }
  }

  Result<ResumeLog> finish() {
    const auto by_seq = [](const Job& a, const Job& b) { return (a.seq & ~kFailedBit) < (b.seq & ~kFailedBit); };
    // Records stand in the order in which jobs ended; of one job the last counts.
    if (!std::is_sorted(jobs_.begin(), jobs_.end(), by_seq)) std::stable_sort(jobs_.begin(), jobs_.end(), by_seq);
    std::size_t kept = 0;
    for (std::size_t i = 0; i < jobs_.size(); ++i) {
      if (i + 1 < jobs_.size() && !by_seq(jobs_[i], jobs_[i + 1])) continue;
      if (mode_ != Resume::kResume && (jobs_[i].seq & kFailedBit) != 0) continue;
      jobs_[kept++] = {jobs_[i].seq & ~kFailedBit, jobs_[i].hash};
    }
    jobs_.resize(kept);
    if (jobs_.capacity() > kept + kept / 8) jobs_.shrink_to_fit();
    ResumeLog log;
    log.jobs_ = std::move(jobs_);
    log.failed_.reserve(failed_.size());
    for (auto& [seq, failed] : failed_) {
      if (failed.had_input)
        return Unexpected(usage_error("job " + std::to_string(seq) + " of the job log " + quote(path_) +
                                      " read a block of --pipe, which is not in the log: give the input again, with "
                                      "--resume-failed"));
      std::replace(failed.command.begin(), failed.command.end(), '\0', '\n');
      log.failed_.push_back({seq, std::move(failed.command)});
    }
    return log;
  }

 private:
  using Job = ResumeLog::Job;

  // Takes all whole lines off `text`.
  Result<void> take_lines(std::string_view& text) {
    for (;;) {
      const std::size_t end = text.find('\n');
      if (end == std::string_view::npos) return {};
      ++line_;
      if (auto taken = take_line(text.substr(0, end)); !taken) return taken;
      text.remove_prefix(end + 1);
      taken_ += end + 1;
    }
  }

  [[nodiscard]] std::string where() const {
    return "line " + std::to_string(line_) + " of the job log " + quote(path_);
  }

  static Result<void> refuse(std::string why) { return Unexpected(Error{ErrorKind::kUnavailable, {}, std::move(why)}); }

  Result<void> take_line(std::string_view line) {
    if (line_ == 1 && line == kJoblogHeader.substr(0, kJoblogHeader.size() - 1)) return {};
    const std::optional<JoblogRecord> record = parse_joblog_line(line);
    if (!record) return refuse(where() + " is no record of a job");
    jobs_.push_back({record->seq | (record->succeeded() ? 0 : kFailedBit), hash_of(record->command)});
    if (mode_ == Resume::kRetryFailed) {
      if (record->succeeded()) {
        failed_.erase(record->seq);
      } else {
        failed_.insert_or_assign(record->seq, Failed{std::string(record->command), record->had_input});
      }
    }
    return {};
  }

  // After the first lines: room for as many as the whole file has, if it goes on like that.
  void reserve(std::size_t size) {
    if (reserved_ || jobs_.empty()) return;
    reserved_ = true;
    if (size > taken_) jobs_.reserve(jobs_.size() + (size - taken_) / (taken_ / jobs_.size()) + 1);
  }

  const std::string& path_;
  Resume mode_;
  std::uint64_t line_ = 0;
  std::size_t taken_ = 0;  // bytes
  bool reserved_ = false;
  std::vector<Job> jobs_;
  struct Failed {
    std::string command;
    bool had_input;
  };
  std::map<std::uint64_t, Failed> failed_;
};

Result<ResumeLog> ResumeLog::read(const std::string& path, Resume mode) {
  const UniqueFd fd(os::retry([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY); }));
  struct stat status {};
  if (!fd && errno == ENOENT && mode != Resume::kRetryFailed) return ResumeLog();
  if (!fd || ::fstat(fd.get(), &status) != 0) {
    return Unexpected(system_error(ErrorKind::kUnavailable, errno, "cannot read the job log " + quote(path)));
  }
  ResumeReader reader(path, mode);
  if (auto whole = reader.read(fd.get(), static_cast<std::size_t>(status.st_size)); !whole) {
    return Unexpected(std::move(whole).error());
  }
  return reader.finish();
}

Verdict ResumeLog::verdict(std::uint64_t seq, std::string_view command) const {
  auto job = jobs_.end();
  if (seq != 0 && seq <= jobs_.size() && jobs_[seq - 1].seq == seq) {
    job = jobs_.begin() + static_cast<std::ptrdiff_t>(seq - 1);  // nothing is missing before it
  } else {
    job = std::lower_bound(jobs_.begin(), jobs_.end(), seq, [](const Job& a, std::uint64_t b) { return a.seq < b; });
  }
  if (job == jobs_.end() || job->seq != seq) return Verdict::kRun;
  if (command.find(kSlotMark) != std::string_view::npos) return Verdict::kSkip;
  if (command.find('\n') == std::string_view::npos) {
    return hash_of(command) == job->hash ? Verdict::kSkip : Verdict::kChanged;
  }
  std::string logged(command);
  std::replace(logged.begin(), logged.end(), '\n', '\0');
  return hash_of(logged) == job->hash ? Verdict::kSkip : Verdict::kChanged;
}

}  // namespace mtask::pool
