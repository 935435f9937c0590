#pragma once
// What a worker tells its supervisor through its EventRing, as bytes. Trusted: it comes from our own worker.

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "workers/shared_queue.hpp"

namespace mtask::pool {

struct Record {
  enum class Kind : std::uint8_t {
    kBegun,        // the job's process runs
    kEnded,        // all about a run of the job
    kText,         // whole lines of the job, or (unfinished) a part of one
    kWantsStream,  // the job has much to say
    kWarning,      // `note`
    kLeft,         // the worker ends; `note` holds the numbers (pid_t) of processes that jobs left behind
  };
  Kind kind = Kind::kEnded;
  bool timed_out : 1 = false;
  bool streamed : 1 = false;     // its standard output went straight to out_fd
  bool passed_on : 1 = false;    // somebody may have seen some of its output
  bool reader_left : 1 = false;  // nobody reads out_fd any more
  bool ended_by_us : 1 = false;  // because the supervisor asked for it
  bool out_in_file : 1 = false;
  bool err_in_file : 1 = false;
  bool lost_output : 1 = false;  // it couldn't be kept; `note` says why
  bool unfinished : 1 = false;
  bool error_stream : 1 = false;  // of kText
  workers::SlotId slot = 0;
  std::uint64_t ticket = 0;
  std::int32_t pid = 0;
  std::int32_t exit_code = 0;
  std::int32_t signal = 0;
  std::int64_t started = 0;   // system clock, nanoseconds
  std::uint64_t began = 0;    // the same moment, steady_ns()
  std::uint64_t runtime = 0;  // nanoseconds
  std::uint64_t bytes_out = 0;
  std::uint64_t bytes_err = 0;
};

// `out` and `err` are the output itself where it is not in a file; all three at most kRecordRoom bytes together.
inline constexpr std::size_t kRecordRoom = 12U << 10;
[[nodiscard]] std::string encode(const Record& record, std::string_view out = {}, std::string_view err = {},
                                 std::string_view note = {});

struct DecodedRecord {
  Record record;
  std::string_view out;  // the views point into the bytes
  std::string_view err;
  std::string_view note;
};
[[nodiscard]] DecodedRecord decode(std::string_view bytes);

}  // namespace mtask::pool
