#pragma once
// Results and logs as the tests of the job log need them.

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "pool/job.hpp"
#include "support/parallel_answers.hpp"

namespace mtask::test {

// Began at 1360490623.067, ran 3.445 s, got 1023 bytes and wrote 1222.
inline pool::JobResult job_result(std::uint64_t seq, int exit_code = 0, int signal = 0) {
  pool::JobResult result;
  result.seq = seq;
  result.exit_code = exit_code;
  result.signal = signal;
  result.started = std::chrono::system_clock::time_point(std::chrono::milliseconds(1360490623067));
  result.runtime = std::chrono::duration<double>(3.445);
  result.bytes_in = 1023;
  result.bytes_out = 1222;
  result.bytes_err = 77;
  return result;
}

// GNU parallel's log of running each of `lines` by sh.
inline std::string parallels_log(std::initializer_list<std::string_view> lines) {
  Question question{"@ -0 -j1 --timeout 2 --joblog log > out 2>&1; cat log", ""};
  for (const std::string_view line : lines) question.input.append(line).push_back('\0');
  return recorded("pool", "job logs", question).out;
}

}  // namespace mtask::test
