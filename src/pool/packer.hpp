#pragma once
// Decides which records make up a job: one, -n of them, or as many as fit in a command line (-m, -X).
//
// Lengths are those of the command line as it is shown; one that is shorter than the limit fits. As GNU parallel does,
// what is left when the input of -m or -X ends is spread evenly over the slots. Not thread-safe.
// Errors: RecordSource's; a record that does not fit alone.

#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mtask/pool.hpp"
#include "mtask/result.hpp"
#include "pool/command_template.hpp"
#include "pool/record_source.hpp"

namespace mtask::pool {

// The longest command line that can be run, in bytes and one more: 128 KiB, the kernel's limit for one argument, or
// less where the environment takes much of sysconf(_SC_ARG_MAX).
[[nodiscard]] std::size_t command_line_limit();

class Packer {
 public:
  // Both `records` and `command` stay the caller's and must outlive it.
  Packer(RecordSource& records, const CommandTemplate& command, const Inputs& inputs, unsigned slots);

  // kGot: records() and values() are the job's, until the next call.
  [[nodiscard]] Result<Step> next();
  [[nodiscard]] const std::vector<Record>& records() const { return job_; }
  // All values of the job, trimmed.
  [[nodiscard]] std::span<const std::string_view> values() const { return values_; }
  // How many jobs there are, where that is known before the first one. With -n there are more when its values do not
  // fit in a command line.
  [[nodiscard]] std::optional<std::uint64_t> total() const;
  [[nodiscard]] bool inserts_values() const { return inserted_; }

 private:
  [[nodiscard]] Result<Step> take(Record& record);
  [[nodiscard]] Result<Step> gather();
  [[nodiscard]] Result<Step> spread();
  void add(Record record);
  void give_back();
  [[nodiscard]] bool fits() const;
  [[nodiscard]] Error too_long() const;

  RecordSource& source_;
  const CommandTemplate& command_;
  Inputs::Trim trim_;
  bool packs_;             // -m or -X
  bool inserted_ = true;   // false: -N0
  std::size_t most_;       // records a job; 0: what fits
  std::size_t limit_ = 0;  // of the length; 0: none
  unsigned slots_;

  std::deque<Record> pending_;  // before what source_ gives
  bool ended_ = false;          // source_
  bool spread_ = false;
  bool complete_ = true;  // job_ was given away
  std::vector<Record> job_;
  std::vector<std::string_view> values_;
  std::vector<std::ptrdiff_t> lengths_;  // of the values
  std::ptrdiff_t values_length_ = 0;
  std::uint64_t given_ = 0;  // jobs
};

}  // namespace mtask::pool
