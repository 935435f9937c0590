#pragma once
// The job log: one line a job, as GNU parallel writes it (its manual, --joblog; the layout was compared byte by byte
// with version 20221122).
//
//   Seq  Host  Starttime  JobRuntime  Send  Receive  Exitval  Signal  Command       parted by tabs
//
// Host is ":". Starttime is in seconds since the epoch with three decimals, JobRuntime in seconds, cut (not rounded) to
// three decimals, in at least ten columns. Send counts the bytes of the job's standard input, Receive those of its
// standard output. Exitval is -1 where a timeout killed the job. A newline in a command is written as NUL.
//
// Owns the descriptor and with it the lock on the file: one run at a time writes a log (flock; a file system that has
// no locks goes without). Not thread-safe; one process writes. Files that are no regular ones (/dev/stdout, a FIFO) are
// neither locked nor mended.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/unique_fd.hpp"
#include "mtask/result.hpp"
#include "pool/job.hpp"

namespace mtask::pool {

inline constexpr std::string_view kJoblogHeader =
    "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n";

// The line of a job, newline included. `command` is JobSpec::shown, with the slot's number in place of kSlotMark.
[[nodiscard]] std::string joblog_line(const JobResult& result, std::string_view command);

class Joblog {
 public:
  enum class Opening : std::uint8_t {
    kFresh,   // what the file holds is dropped
    kAppend,  // records are added. A last line that a crash tore (no newline) is cut off first; resuming opens so, too
  };

  // Fails with kUnavailable, naming the file: it can't be written, another run writes it, or it holds something else
  // than a job log (which is left alone unless opened fresh). An empty file gets the header.
  [[nodiscard]] static Result<Joblog> open(const std::string& path, Opening how);

  // Gathers a record for the next flush(); no system call.
  void append(const JobResult& result, std::string_view command);
  [[nodiscard]] std::size_t pending() const noexcept { return pending_.size(); }  // bytes

  // Hands all gathered records to the kernel in one write, so that a killed run leaves whole lines. Call it before the
  // end of a gathered job is told anywhere else. When the file takes only a part (a full disk), a torn line is cut off
  // again and the error says so; records that aren't in the file stay gathered and go with the next flush().
  [[nodiscard]] Result<void> flush();

  // flush(), then closes the file and frees the lock; some file systems tell only now what they could not write.
  [[nodiscard]] Result<void> close();

 private:
  Joblog(UniqueFd fd, std::string path, bool regular) : fd_(std::move(fd)), path_(std::move(path)), regular_(regular) {}
  [[nodiscard]] Result<void> prepare(Opening how);
  [[nodiscard]] Result<void> mend_end(std::size_t size);
  [[nodiscard]] bool cut_torn_line(std::size_t torn);

  UniqueFd fd_;
  std::string path_;
  bool regular_;
  std::string pending_;
};

}  // namespace mtask::pool
