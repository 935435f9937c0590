#include "copy/worker.hpp"

#include <sys/resource.h>

namespace mtask::copy {
namespace {

void raise_fd_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

Worker::Worker(RunState& run, std::uint32_t id)
    : run_(run),
      config_(run.config),
      board_(*run.board),
      id_(id),
      report_(run, id),
      directories_((raise_fd_limit(), run)),
      ignored_(run, report_),
      content_(run, report_.counters()),
      metadata_(run, report_),
      placement_(run, id, [this](const char* name) { return ignored_.active() && ignored_.excluded(name, false); }) {}

int Worker::work() {
  ::umask(0);  // so that files can be made with their final mode
  while (auto slot = board_.next(id_)) {
    do {
      if (!execute(*slot)) return 0;
    } while (board_.complete(*slot));
    report_.set_current({});
  }
  return 0;
}

bool Worker::execute(SlotId& slot) {
  const ItemKind kind = board_.item(slot).kind;
  switch (kind) {
    case ItemKind::kWalk:
      return run_.phase == Phase::kPrune ? prune(slot) : walk(slot);
    case ItemKind::kBatch:
      return batch(slot);
    case ItemKind::kRange:
      return range(slot);
    case ItemKind::kSeal:
      seal(slot);
      return !halted();
    case ItemKind::kFinish:
      finish(board_.item(slot).dir);
      return !halted();
  }
  return false;
}

}  // namespace mtask::copy
