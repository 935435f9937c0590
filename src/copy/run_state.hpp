#pragma once
// What a run has set up before it forks; workers inherit it and only read it (the board apart).

#include <sys/stat.h>
#include <sys/types.h>

#include <ctime>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "copy/board.hpp"
#include "copy/filter.hpp"
#include "copy/path_list.hpp"
#include "copy/temporary_name.hpp"
#include "mtask/copy.hpp"
#include "workers/event_ring.hpp"

namespace mtask::copy {

// One source operand and what it becomes. Names are single components (or "."), relative to the directories.
struct Root {
  std::shared_ptr<const UniqueFd> source_parent;
  std::string source_name;
  std::string source_path;                             // as the user gave it
  std::shared_ptr<const UniqueFd> destination_parent;  // none in a dry run whose destination doesn't exist
  std::string destination_name;
  std::string destination_path;
  bool is_directory = false;
  Identity destination{};  // of the destination directory, if it existed before the run; else zero
  // Sources that would meet in the destination are copied one after the other, in rounds from 0 on.
  std::uint32_t round = 0;
};

enum class Phase : std::uint8_t { kCopy, kPrune };

struct RunState {
  const Config& config;
  Events::Detail detail;
  std::vector<Root> roots;
  FilterRules filters;
  std::optional<PathList> listed;
  TemporaryNames temporaries;
  uid_t user;
  gid_t group;
  mode_t mask;     // the caller's umask
  timespec began;  // no later than the change time of anything this run makes
  Phase phase = Phase::kCopy;
  std::uint32_t round = 0;  // kCopy: which roots it is about
  std::unique_ptr<Board> board;
  std::vector<workers::EventRing> rings;  // one a worker
};

// Was it made or changed in this run? Also by others; and not where a server's clock is behind.
[[nodiscard]] inline bool changed_in_run(const RunState& run, const struct stat& status) noexcept {
  const timespec& changed = status.st_ctim;
  return changed.tv_sec != run.began.tv_sec ? changed.tv_sec > run.began.tv_sec : changed.tv_nsec >= run.began.tv_nsec;
}

}  // namespace mtask::copy
