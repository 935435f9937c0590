#include "pool/supervisor.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <random>

#include "os/fd_io.hpp"
#include "os/syscall.hpp"
#include "pool/clock.hpp"
#include "pool/exit_status.hpp"
#include "pool/worker.hpp"

namespace mtask::pool {
namespace {

constexpr std::uint32_t kMostBarrenDeaths = 10;
constexpr std::uint64_t kTick = 1'000'000'000;
constexpr Milliseconds kProgressEvery{100};

}  // namespace

Supervisor::Supervisor(RunState& run, RunLogs& logs, JobSource& source, Events& events, StopToken stop, int wake)
    : run_(run),
      logs_(logs),
      config_(run.config),
      table_(*run.table),
      source_(source),
      events_(events),
      stop_(stop),
      wake_(wake),
      grouping_(grouping_of(run.config)),
      halt_(run.config.halt),
      retry_(run.config.tries, run.config.backoff),
      timeout_(run.config.timeout),
      admission_(run.config.max_load, run.config.min_free_memory),
      bells_(run.table->workers()),
      writer_(run.config.out_fd, run.config.err_fd, run.config.before_output),
      printer_(writer_, run.config.keep_order, run.spill_directory),
      pending_(run.table->queue().capacity()),
      open_lines_(2 * static_cast<std::size_t>(run.table->workers())),
      held_back_(run.table->workers()) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  std::random_device random;
  for (int i = 0; i < 6; ++i) files_tag_ += kLetters[random() % kLetters.size()];
}

Result<void> Supervisor::work() {
  auto group = workers::WorkerGroup::create([this](std::uint32_t worker) { return worker_body(worker); });
  if (!group) return Unexpected(std::move(group).error());
  group_.emplace(*std::move(group));
  orphans_.emplace([this](pid_t pid) {
    for (std::uint32_t worker = 0; worker < table_.workers(); ++worker) {
      if (group_->pid(worker) == pid) return true;
    }
    return false;
  });
  if (auto watched = watch(); !watched) return watched;
  table_.controls().wanted = config_.slots;
  if (const auto limit = timeout_.current()) table_.controls().timeout = to_ns(*limit);
  admit();
  auto looped = loop();
  group_->kill_all(SIGKILL);
  return looped;
}

Result<void> Supervisor::watch() {
  if (auto watched = group_->watch(wake_); !watched) return watched;
  struct stat status {};
  if (::fstat(config_.out_fd, &status) == 0 && (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode))) {
    reader_.reset(::fcntl(config_.out_fd, F_DUPFD_CLOEXEC, 3));
    if (reader_ && !group_->watch(reader_.get(), os::Poller::For::kHangup)) reader_.reset();
  }
  if (stop_.fd() != -1) return group_->watch(stop_.fd());
  return {};
}

Result<void> Supervisor::loop() {
  bool stopping = false;
  for (;;) {
    feed();
    start_workers();
    grant_stream();
    write_output();
    if (complete()) {
      if (!closed()) close(false);
      if (group_->running() == 0 && writer_.idle()) break;
    }
    auto exits = group_->wait(patience());
    if (!exits) return Unexpected(std::move(exits).error());
    if (stop_.stop_requested() && !stopping) {
      stopping = true;
      sum_.interrupted = true;
      group_->unwatch(stop_.fd());
      close(false);
    }
    std::uint64_t ignored = 0;
    static_cast<void>(os::retry([&] { return ::read(wake_, &ignored, sizeof(ignored)); }));
    if (reader_ && os::ready(reader_.get(), 0)) lose_reader();
    drain();
    for (const auto& exit : *exits) handle_exit(exit);
    run_retries();
    release_settled();
    if (barren_deaths_ > kMostBarrenDeaths && !closed()) forgo_workers();
    tick();
  }
  close_log();
  if (events_.progress_wanted()) tell_progress();
  return {};
}

// Nothing is left to be done but to end the workers and to write what they brought.
bool Supervisor::complete() const {
  if (closed()) {
    if (group_->running() > 0) return false;
  } else if (!exhausted_ || live_ > 0) {
    return false;
  }
  return true;
}

Milliseconds Supervisor::patience() const {
  if (!writer_.idle() && writer_.blocked_on() == -1 && !streaming_) return Milliseconds(0);
  std::uint64_t until = std::max(next_tick_, steady_ns());
  for (const Retry& retry : retries_) until = std::min(until, retry.due);
  const std::uint64_t now = steady_ns();
  auto rest = until > now ? Milliseconds((until - now) / 1'000'000 + 1) : Milliseconds(0);
  if (events_.progress_wanted()) rest = std::min(rest, kProgressEvery);
  return rest;
}

void Supervisor::tick() {
  // A worker that writes to a terminal must not find a progress bar there.
  if (events_.progress_wanted() && !(streaming_ && ::isatty(config_.out_fd) == 1)) tell_progress();
  const std::uint64_t now = steady_ns();
  if (now < next_tick_) return;
  next_tick_ = now + kTick;
  orphans_->reap();
  admit();
  if (std::exchange(timeout_changed_, false)) {
    for (std::uint32_t worker = 0; worker < table_.workers(); ++worker) ring(worker);
  }
  if (!config_.slots_now) return;
  const auto wanted = config_.slots_now();
  if (!wanted) return;
  const std::uint32_t slots = std::clamp<std::uint32_t>(*wanted, 1, table_.workers());
  if (table_.controls().wanted.exchange(slots) == slots) return;
  JobTable::Guard guard(table_);
  guard.wake_all();
}

// Whether the machine has room for more.
void Supervisor::admit() {
  if (!admission_.limits()) return;
  const Admission::Verdict verdict = admission_.verdict(std::chrono::steady_clock::now());
  const std::uint32_t held = verdict == Admission::Verdict::kStart ? 0 : 1;
  if (verdict == Admission::Verdict::kKillYoungest) end_youngest();
  if (table_.controls().held.exchange(held) == held || held != 0) return;
  JobTable::Guard guard(table_);
  guard.wake_all();
}

// The job that began last gives its memory back; it runs again later, unless its output has been seen.
void Supervisor::end_youngest() {
  std::uint32_t youngest = 0;
  std::uint64_t ticket = 0;
  for (std::uint32_t worker = 0; worker < table_.workers(); ++worker) {
    const Cell& cell = table_.cell(worker);
    const std::uint64_t own = cell.ticket;
    if (own <= ticket || cell.passed_on == own || cell.end_job == own) continue;
    youngest = worker;
    ticket = own;
  }
  if (ticket == 0) return;
  table_.cell(youngest).end_job = ticket;
  ring(youngest);
}

void Supervisor::tell_progress() {
  Progress progress;
  progress.time = std::chrono::steady_clock::now();
  std::vector<WorkerStatus> statuses;
  for (std::uint32_t worker = 0; worker < table_.controls().wanted; ++worker) {
    Cell& cell = table_.cell(worker);
    WorkerStatus status{group_->pid(worker), cell.jobs, cell.bytes, {}};
    const Pending& pending = pending_[cell.slot];
    if (cell.ticket != 0 && pending.ticket == cell.ticket) status.current = pending.job.shown;
    statuses.push_back(status);
    progress.bytes_done += status.bytes;
  }
  progress.items_done = sum_.succeeded + sum_.failed;
  progress.items_failed = sum_.failed;
  const auto total = source_.total();
  progress.items_total = std::max(total.value_or(0), last_ticket_);
  progress.totals_known = total || exhausted_;
  progress.workers = statuses;
  events_.progress(progress);
}

// No job begins any more; `end_now`: those that run are ended, too.
void Supervisor::close(bool end_now) {
  exhausted_ = true;
  watch_input(false);
  table_.controls().closed = 1;
  if (end_now) table_.controls().end_now = 1;
  {
    JobTable::Guard guard(table_);
    guard.wake_all();
  }
  if (end_now) {
    for (std::uint32_t worker = 0; worker < table_.workers(); ++worker) ring(worker);
  }
  run_retries();
}

void Supervisor::ring(std::uint32_t worker) const noexcept {
  // Gone, or rung so often that it can't miss it: both are fine.
  if (bells_[worker].ours) static_cast<void>(::send(bells_[worker].ours.get(), "", 1, MSG_NOSIGNAL | MSG_DONTWAIT));
}

int Supervisor::worker_body(std::uint32_t worker) {
  for (Bell& bell : bells_) bell.ours.reset();
  logs_.joblog.reset();  // its lock is to go with the supervisor
  return Worker(run_, worker, bells_[worker].theirs.get()).work();
}

Result<void> Supervisor::start_worker(std::uint32_t worker) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == -1) {
    return Unexpected(system_error(ErrorKind::kUnavailable, errno, "cannot set up a worker process"));
  }
  bells_[worker].ours.reset(ends[0]);
  bells_[worker].theirs.reset(ends[1]);
  auto started = group_->start(worker);
  bells_[worker].theirs.reset();
  return started;
}

// As many as there are jobs for.
void Supervisor::start_workers() {
  const std::uint32_t wanted = std::min<std::uint32_t>(table_.controls().wanted, live_);
  for (std::uint32_t worker = 0; !closed() && group_->running() < wanted && worker < table_.workers(); ++worker) {
    if (group_->pid(worker) != 0) continue;
    if (steady_ns() < next_worker_) return;
    if (auto started = start_worker(worker); !started) {
      next_worker_ = steady_ns() + kTick;
      if (!std::exchange(told_of_missing_worker_, true))
        tell(Event::Kind::kWarning, kNoWorker, nullptr, started.error().message() + "; trying again");
      if (group_->running() == 0) ++barren_deaths_;
      // It may have lived for a moment, and taken a job.
      drain_ring(worker, true);
      recover(worker);
      return;
    }
    told_of_missing_worker_ = false;
  }
}

// The rest of the jobs is not run; what those before have said is still written.
void Supervisor::forgo_workers() {
  close(true);
  cut_short_ = true;
  trouble("no worker process can be kept alive; the other jobs are not run");
}

void Supervisor::handle_exit(const workers::WorkerGroup::Exit& exit) {
  bells_[exit.worker].ours.reset();
  drain_ring(exit.worker, true);
  if (exit.clean()) return;
  ++sum_.worker_deaths;
  const std::string how = WIFSIGNALED(exit.status) ? "killed by signal " + std::to_string(WTERMSIG(exit.status))
                                                   : "ended with status " + std::to_string(WEXITSTATUS(exit.status));
  tell(Event::Kind::kWarning, kNoWorker, nullptr,
       "worker " + std::to_string(exit.worker) + " was " + how + "; another does its work");
  barren_deaths_ = recover(exit.worker) ? 0 : barren_deaths_ + 1;
  JobTable::Guard guard(table_);
  guard.wake_all();  // a wake-up may have died with it
}

// What a dead worker still held, after its ring was read.
bool Supervisor::recover(std::uint32_t worker) {
  release_settled();
  Cell& cell = table_.cell(worker);
  std::vector<std::pair<SlotId, std::uint32_t>> held;
  {
    JobTable::Guard guard(table_);
    table_.queue().for_each_leased(guard, worker, [&](SlotId slot, const JobItem&) {
      held.emplace_back(slot, table_.queue().count_death(guard, slot));
      table_.queue().hand_over(guard, slot, JobTable::kSupervisor);
    });
  }
  for (const auto& [slot, deaths] : held) {
    const Pending& pending = pending_[slot];
    const bool begun = cell.ticket == pending.ticket;
    orphans_->end_job(pending.job.seq, begun ? cell.pid.load() : 0);
    forget_stream(pending.ticket);
    if (cell.passed_on == pending.ticket) {
      give_up(worker, slot, "its worker was killed after part of its output had been passed on");
    } else if (deaths >= config_.crash_limit) {
      give_up(worker, slot, "its worker was killed " + std::to_string(deaths) + " times");
    } else if (closed()) {
      give_up(worker, slot, "its worker was killed");
    } else {
      tell(Event::Kind::kRetried, worker, &pending.job, "its worker was killed");
      JobTable::Guard guard(table_);
      table_.queue().requeue(guard, slot);
    }
  }
  cell.ticket = 0;
  cell.pid = 0;
  for (const Target target : {Target::kOut, Target::kErr}) open_line(worker, target).drop();
  return !held.empty();
}

Summary Supervisor::summary(double seconds) const {
  Summary sum = sum_;
  sum.seconds = seconds;
  sum.halted = halt_.halted();
  const bool by_policy = sum.halted || config_.halt.percent > 0;
  sum.exit_status = by_policy ? halt_.exit_status() : counted_exit_status(sum.failed + sum.troubles);
  if (sum.troubles > 0 && sum.exit_status == 0) sum.exit_status = 1;
  if (cut_short_) sum.exit_status = 3;
  return sum;
}

}  // namespace mtask::pool
