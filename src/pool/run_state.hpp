#pragma once
// What a run has set up before it forks; workers inherit it and only read it (the table apart).

#include <sys/resource.h>
#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mtask/pool.hpp"
#include "pool/job_table.hpp"

namespace mtask::pool {

struct RunState {
  const Config& config;
  Events::Detail detail;
  std::unique_ptr<JobTable> table;
  std::string spill_directory;      // for outputs too large for a record; empty: none is kept
  std::string temporary_directory;  // for outputs that are kept under a name of ours
  pid_t supervisor;
  std::optional<rlimit> descriptors;  // that jobs may have, where it is not what the run itself has
  std::vector<int> ignored_signals;
  bool tell_all;  // every end of a job is told at once (a job log, a halt policy wait for it)
  bool may_stream;
};

// How jobs' output is passed on, once impossible combinations are put right.
[[nodiscard]] inline Grouping grouping_of(const Config& config) {
  if (config.grouping != Grouping::kNone) return config.grouping;
  const bool needs_lines = config.command.tag || config.results || config.files || config.keep_order;
  return needs_lines ? Grouping::kLine : Grouping::kNone;
}

}  // namespace mtask::pool
