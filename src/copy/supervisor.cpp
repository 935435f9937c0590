#include "copy/supervisor.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "base/text.hpp"
#include "base/units.hpp"
#include "copy/concurrency.hpp"
#include "copy/directory_cache.hpp"
#include "copy/event_record.hpp"
#include "copy/scout.hpp"
#include "copy/worker.hpp"
#include "os/syscall.hpp"

namespace mtask::copy {
namespace {

constexpr std::uint32_t kMostDeaths = 3;  // at one point of one item
constexpr std::uint32_t kMostBarrenDeaths = 10;

}  // namespace

void tell_failure(Events& events, const Error& error) {
  Event event;
  event.kind = Event::Kind::kFailed;
  event.time = std::chrono::steady_clock::now();
  const std::string text = error.message();
  event.detail = text;
  events.event(event);
}

void Supervisor::drain() {
  if (wake_) {
    std::uint64_t ignored = 0;
    static_cast<void>(os::retry([&] { return ::read(wake_.get(), &ignored, sizeof(ignored)); }));
  }
  for (std::uint32_t id = 0; id < run_.rings.size(); ++id) {
    while (run_.rings[id].read(record_)) {
      Event event = decode(record_);
      if (id == scout_id()) event.worker = kNoWorker;
      events_.event(event);
    }
  }
}

void Supervisor::tell_progress(const workers::WorkerGroup* group) {
  Board& board = *run_.board;
  Progress progress;
  progress.time = std::chrono::steady_clock::now();
  statuses_.clear();
  for (std::uint32_t id = 0; id < run_.config.workers; ++id) {
    const WorkerCounters& counters = board.counters(id);
    progress.items_done += counters.items;
    progress.bytes_done += counters.bytes;
    progress.items_failed += counters.failed;
    statuses_.push_back({group == nullptr ? 0 : group->pid(id), counters.items, counters.bytes,
                         std::string_view(counters.current, counters.current_length)});
  }
  const Board::Totals& totals = board.totals();
  progress.items_total = std::max<std::uint64_t>(totals.items, progress.items_done);
  progress.bytes_total = std::max<std::uint64_t>(totals.bytes, progress.bytes_done);
  progress.totals_known = totals.known != 0;
  progress.workers = statuses_;
  events_.progress(progress);
}

std::uint64_t Supervisor::failures() {
  std::uint64_t failed = 0;
  for (std::uint32_t id = 0; id <= run_.config.workers; ++id) failed += run_.board->counters(id).failed;
  return failed;
}

bool Supervisor::again(Board::SlotId slot, std::uint32_t deaths) {
  if (deaths < kMostDeaths) return true;
  Board& board = *run_.board;
  const Item& item = board.item(slot);
  const Trouble trouble{EIO, "copy", Trouble::Side::kSource, kKilledWorkers};
  if (item.kind == ItemKind::kBatch && item.block == kNoId) {
    report_.failed(item.dir, {}, 0, trouble);
    board.complete_for_dead(slot);
    return false;
  }
  if (item.kind == ItemKind::kBatch) {
    const NameBlock& block = board.block(item.block);
    const std::uint32_t at = board.at(slot);
    std::uint32_t offset = 0;
    for (std::uint32_t i = 0; i < block.count(); ++i) {
      const NameBlock::Entry entry = block.next(offset);
      if (i == at) report_.failed(item.dir, entry.view(), 0, trouble);
    }
    board.at(slot).store(at + 1);
    return true;
  }
  if (item.kind == ItemKind::kRange || item.kind == ItemKind::kSeal) {
    board.big(item.big).failed = BigFile::kGivenUp;
    if (item.kind == ItemKind::kSeal) {
      board.abandon_big_link(board.big(item.big));
      report_.failed(item.dir, board.big_name(item.big), 0, trouble);
    }
  } else {
    report_.failed(item.dir, {}, 0, trouble);
  }
  board.complete_for_dead(slot);
  return false;
}

void Supervisor::handle_death(workers::WorkerGroup& group, const workers::WorkerGroup::Exit& exit) {
  Board& board = *run_.board;
  ++deaths_;
  const std::string how = WIFSIGNALED(exit.status) ? "killed by signal " + std::to_string(WTERMSIG(exit.status))
                                                   : "ended with status " + std::to_string(WEXITSTATUS(exit.status));
  report_.warn("worker " + std::to_string(exit.worker) + " was " + how + "; another does its work");
  barren_deaths_ = recover(exit.worker) > 0 ? 0 : barren_deaths_ + 1;
  if (board.halted() != Halt::kNo || board.live_items() == 0) return;
  if (barren_deaths_ > kMostBarrenDeaths) return;  // whatever kills them before they start kills the next one too
  if (auto started = start(group, exit.worker); !started) report_.warn(started.error().message());
}

// Returns how many items the worker held.
std::uint32_t Supervisor::recover(std::uint32_t worker) {
  std::uint32_t held = 0;
  run_.board->recover(worker, [&](Board::SlotId slot, std::uint32_t deaths) {
    ++held;
    return again(slot, deaths);
  });
  drain();
  return held;
}

Result<void> Supervisor::start(workers::WorkerGroup& group, std::uint32_t worker) {
  auto started = group.start(worker);
  // It may have run for a moment before it turned out that it can't be watched.
  if (!started) recover(worker);
  return started;
}

void Supervisor::fail(const Error& error) {
  count(report_.counters().failed);
  tell_failure(events_, error);
}

void Supervisor::warn(std::string_view sentence) {
  report_.warn(sentence);
  drain();  // nobody else empties the ring of the supervisor
}

void Supervisor::made_destination(const std::string& path) {
  count(report_.counters().directories);
  if (!report_.wants_items()) return;
  Event event;
  event.kind = Event::Kind::kFinished;
  event.item = run_.board->new_item_number();
  event.time = std::chrono::steady_clock::now();
  event.name = path;
  event.action = "mkdir";
  events_.event(event);
}

Result<void> Supervisor::loop(workers::WorkerGroup& group, std::uint32_t scouting) {
  Board& board = *run_.board;
  const bool progress = events_.progress_wanted();
  bool stopping = false;
  while (group.running() > scouting) {
    auto exits = group.wait(std::chrono::milliseconds(progress ? 100 : 1000));
    if (!exits) return Unexpected(std::move(exits).error());
    if (stop_.stop_requested() && !stopping) {
      stopping = true;
      group.unwatch(stop_.fd());
      board.halt(Halt::kStopped, "");
    }
    drain();
    for (const auto& exit : *exits) {
      if (exit.worker == scout_id()) {
        scouting = 0;
      } else if (!exit.clean() || (board.halted() == Halt::kNo && board.live_items() > 0)) {
        handle_death(group, exit);
      }
    }
    if (progress) tell_progress(&group);
  }
  drain();
  if (board.halted() == Halt::kNo && board.live_items() > 0) {
    return Unexpected(
        Error{ErrorKind::kUnavailable, {}, "no worker process can be kept alive; the copy is not complete"});
  }
  return {};
}

Result<void> Supervisor::phase(Phase phase) {
  run_.phase = phase;
  Board& board = *run_.board;
  for (std::uint32_t root = 0; root < run_.roots.size(); ++root) {
    const Root& operand = run_.roots[root];
    if (phase == Phase::kCopy && operand.round != run_.round) continue;
    std::uint32_t flags = 0;
    if (!operand.destination_parent) {
      flags = Directory::kAbsent;
    } else if (Metadata::has_default_acl({operand.destination_parent->get(), true})) {
      flags = Directory::kDefaultAcl;
    }
    if (!board.add_operand(root, flags)) {
      return Unexpected(usage_error("too many sources at once"));
    }
  }
  auto group = workers::WorkerGroup::create(
      [this](std::uint32_t id) { return id == scout_id() ? scout(run_) : Worker(run_, id).work(); });
  if (!group) return Unexpected(std::move(group).error());
  if (wake_) {
    if (auto watched = group->watch(wake_.get()); !watched) return watched;
  }
  if (stop_.fd() != -1) {
    if (auto watched = group->watch(stop_.fd()); !watched) return watched;
  }
  // Only one of them tells in order what it would do.
  const std::uint32_t workers = run_.config.dry_run ? 1 : useful_workers(run_.config, run_.roots);
  for (std::uint32_t id = 0; id < workers; ++id) {
    if (auto started = start(*group, id); !started && group->running() == 0) return started;
  }
  // The scout looks at all rounds' sources; that it may not be through with the first round leaves totals unknown.
  const bool first = phase == Phase::kCopy && run_.round == 0;
  const bool scouting = first && run_.config.count_ahead && group->start(scout_id()).has_value();
  return loop(*group, scouting ? 1 : 0);
}

// One round after the other: what a later one meets has been finished.
Result<void> Supervisor::copy_all() {
  std::uint32_t last = 0;
  for (const Root& root : run_.roots) last = std::max(last, root.round);
  for (run_.round = 0; run_.round <= last && run_.board->halted() == Halt::kNo; ++run_.round) {
    if (auto copied = phase(Phase::kCopy); !copied) return copied;
  }
  return {};
}

// Directories that take single files are walked by nobody, so the supervisor looks for what dead runs left there.
void Supervisor::sweep_operands(bool ours) {
  if (run_.config.dry_run) return;
  Placement placement(run_, scout_id());
  const UniqueFd* previous = nullptr;
  for (const Root& root : run_.roots) {
    if (root.is_directory || !root.destination_parent || root.destination_parent.get() == previous) continue;
    previous = root.destination_parent.get();
    placement.sweep(previous->get(), ours);
  }
}

Result<void> Supervisor::work() {
  if (run_.roots.size() > 1 || run_.config.dereference) run_.board->keep_link_groups();
  sweep_operands(false);
  if (auto copied = copy_all(); !copied) {
    discard_unfinished();
    return copied;
  }
  if (deaths_ > 0) sweep_operands(true);
  if (const std::uint64_t alone = run_.board->names_left_alone(); alone > 0) {
    warn("not all hard links were kept: " + format_count(alone) + (alone == 1 ? " name" : " names") +
         " became separate files, as too many linked files were under way at once; copy parts of it in runs of their "
         "own");
  }
  if (run_.board->halted() != Halt::kNo) discard_unfinished();
  const bool whole = run_.board->halted() == Halt::kNo;
  if (whole && run_.config.remove_extraneous) {
    if (failures() > 0) {
      warn("nothing was deleted, because not everything could be copied");
    } else if (auto pruned = phase(Phase::kPrune); !pruned) {
      return pruned;
    }
  }
  if (whole && run_.config.fsync != Fsync::kNone && !run_.config.dry_run) write_out();
  if (events_.progress_wanted()) tell_progress(nullptr);
  return {};
}

// Temporary files that several workers shared: nobody else takes them away when the run ends early.
void Supervisor::discard_unfinished() {
  DirectoryCache directories(run_);
  run_.board->for_each_big([&](const BigFile& file) {
    OpenDirectoryRef opened;
    if (!directories.open(file.dir, opened)) ::unlinkat(opened->destination, file.temporary, 0);
  });
}

void Supervisor::write_out() {
  for (const Root& root : run_.roots) {
    UniqueFd fd(::openat(root.destination_parent->get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd || os::retry([&] { return ::syncfs(fd.get()); }) == -1) {
      fail(
          system_error(ErrorKind::kItem, errno, "cannot write out the file system of " + quote(root.destination_path)));
    }
  }
}

Summary Supervisor::summary(double seconds) {
  Board& board = *run_.board;
  Summary sum;
  for (std::uint32_t id = 0; id <= run_.config.workers; ++id) {
    const WorkerCounters& counters = board.counters(id);
    sum.files += counters.files;
    sum.directories += counters.directories;
    sum.links += counters.links;
    sum.symlinks += counters.symlinks;
    sum.specials += counters.specials;
    sum.updated += counters.updated;
    sum.skipped += counters.skipped;
    sum.excluded += counters.excluded;
    sum.deleted += counters.deleted;
    sum.failed += counters.failed;
    sum.retried += counters.retried;
    sum.warnings += counters.warnings;
    sum.bytes += counters.bytes_placed;
    sum.bytes_cloned += counters.bytes_cloned;
  }
  sum.worker_deaths = deaths_;
  sum.seconds = seconds;
  sum.interrupted = board.halted() == Halt::kStopped;
  sum.out_of_space = board.halted() == Halt::kOutOfSpace;
  if (sum.out_of_space) sum.stop_message = board.halt_message();
  return sum;
}

}  // namespace mtask::copy
