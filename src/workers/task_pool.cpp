#include "workers/task_pool.hpp"

#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <optional>
#include <string>
#include <utility>

#include "os/syscall.hpp"
#include "workers/task_worker.hpp"

namespace mtask::workers {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLook{1000};  // longest wait without a look
constexpr milliseconds kPatience{1000};
constexpr std::uint32_t kMostBarrenDeaths = 10;
constexpr std::size_t kAtOnce = 64;  // outcomes collected under one lock

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status)) return "was killed by signal " + std::to_string(WTERMSIG(status));
  return "ended with status " + std::to_string(WEXITSTATUS(status));
}

Error too_large(const char* what, std::size_t size, std::size_t most) {
  return {ErrorKind::kItem,
          {},
          std::string(what) + " takes " + std::to_string(size) + " bytes, more than the " + std::to_string(most) +
              " that it may"};
}

Result<TaskBoard::Bytes> result_of(TaskBoard& board, SlotId slot) {
  const TaskBoard::Task& task = board.task(slot);
  switch (task.outcome) {
    case TaskBoard::Outcome::kValue:
      return board.output(slot);
    case TaskBoard::Outcome::kThrew: {
      const TaskBoard::Bytes text = board.output(slot);
      return Unexpected(
          Error{ErrorKind::kItem, {}, std::string(reinterpret_cast<const char*>(text.data()), text.size())});
    }
    case TaskBoard::Outcome::kTooLarge:
      return Unexpected(too_large("the result", task.output_size, board.shape().max_output));
    case TaskBoard::Outcome::kCrashed:
      break;
  }
  return Unexpected(Error{ErrorKind::kItem,
                          {},
                          std::to_string(task.deaths) + " workers ended in the middle of it; the last one " +
                              how_it_ended(task.exit_status)});
}

}  // namespace

// One run(): feeds and collects. Ends without a trace, so that the pool is as good as new.
class TaskPool::Call {
 public:
  Call(TaskPool& pool, const Next& next, const Take& take)
      : pool_(pool), board_(pool.members_->board), next_(next), take_(take), first_(pool.next_id_) {
    pool_.busy_ = true;
  }
  ~Call() {
    pool_.busy_ = false;
    if (in_flight_ > 0) board_.cancel();  // outcomes of what workers have in hand are known by their ids
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  Result<void> run() {
    while (!stopped_) {
      feed();
      if (stopped_ || (exhausted_ && !pending_ && in_flight_ == 0)) break;
      if (collect()) continue;
      if (auto waited = pool_.wait(kLook, true); !waited) return waited;
    }
    return {};
  }

 private:
  void feed() {
    while (!stopped_) {
      if (!pending_ && !encode_next()) return;
      if (argument_.size() > board_.shape().max_input) {
        pending_ = false;
        const std::uint64_t index = pool_.next_id_++ - first_;
        stopped_ = !take_(index, Unexpected(too_large("the argument", argument_.size(), board_.shape().max_input)));
        continue;
      }
      if (!board_.submit(pool_.next_id_, argument_)) return;
      pending_ = false;
      ++pool_.next_id_;
      ++in_flight_;
    }
  }

  bool encode_next() {
    if (exhausted_) return false;
    argument_.clear();
    encoder out(argument_);
    pending_ = next_(out);
    exhausted_ = !pending_;
    return pending_;
  }

  // False: there was none.
  bool collect() {
    board_.collect(slots_, kAtOnce);
    if (slots_.empty()) return false;
    pool_.barren_deaths_ = 0;
    for (const SlotId slot : slots_) {
      const std::uint64_t id = board_.task(slot).id;
      if (id < first_) continue;  // of a call that ended early
      if (!stopped_) stopped_ = !take_(id - first_, result_of(board_, slot));
      --in_flight_;
    }
    board_.free(slots_);
    return true;
  }

  TaskPool& pool_;
  TaskBoard& board_;
  const Next& next_;
  const Take& take_;
  std::uint64_t first_;
  std::uint64_t in_flight_ = 0;
  bool pending_ = false;  // argument_ waits for a slot
  bool exhausted_ = false;
  bool stopped_ = false;
  std::vector<std::byte> argument_;
  std::vector<SlotId> slots_;
};

TaskPool::TaskPool(Work work, const Shape& shape) : work_(std::move(work)), shape_(shape), owner_(::getpid()) {
  auto members = make_members();
  if (!members) {
    failure_ = std::move(members).error();
    return;
  }
  members_ = *std::move(members);
  static_cast<void>(start_missing());  // run() tries again, and tells
}

Result<std::unique_ptr<TaskPool::Members>> TaskPool::make_members() {
  UniqueFd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake) return Unexpected(system_error(ErrorKind::kUnavailable, errno, "cannot create an eventfd"));
  auto region = os::SharedRegion::map(TaskBoard::room(shape_.board));
  if (!region) return Unexpected(std::move(region).error());
  auto group = WorkerGroup::create([this](std::uint32_t worker) { return work_on(members_->board, worker, work_); });
  if (!group) return Unexpected(std::move(group).error());
  if (auto watched = group->watch(wake.get()); !watched) return Unexpected(std::move(watched).error());
  TaskBoard board(*region, shape_.board, wake.get());
  return std::make_unique<Members>(Members{std::move(wake), *std::move(region), board, *std::move(group)});
}

TaskPool::~TaskPool() {
  if (!members_) return;
  if (::getpid() != owner_) {
    members_->group.forget_all();
  } else if (!finished_) {
    static_cast<void>(dismiss(kPatience));
  }
}

Result<void> TaskPool::check_usable() const {
  if (::getpid() != owner_) return Unexpected(usage_error("the pool belongs to another process"));
  if (finished_) return Unexpected(usage_error("the pool is finished"));
  if (busy_) return Unexpected(usage_error("the pool is in the middle of another call"));
  if (!members_) return Unexpected(failure_);
  return {};
}

Result<void> TaskPool::run(const Next& next, const Take& take) {
  if (auto usable = check_usable(); !usable) return usable;
  if (auto seen = wait(milliseconds(0), false); !seen) return seen;  // who ended since the last call
  barren_deaths_ = 0;
  if (auto started = start_missing(); !started) return started;
  return Call(*this, next, take).run();
}

// Fails when nobody is there at last.
Result<void> TaskPool::start_missing() {
  Result<void> started;
  for (std::uint32_t worker = 0; worker < shape_.workers && started; ++worker) {
    if (members_->group.pid(worker) == 0) started = start(worker);
  }
  return running() > 0 ? Result<void>() : started;
}

Result<void> TaskPool::start(std::uint32_t worker) {
  flush_standard_streams();
  auto started = members_->group.start(worker);
  // It may have run for a moment before it turned out that it can't be watched.
  if (!started) members_->board.recover(worker, shape_.crash_limit, SIGKILL);
  return started;
}

// Waits for outcomes or ends of workers; fails when no worker is left that could go on.
Result<void> TaskPool::wait(milliseconds timeout, bool replace) {
  auto exits = members_->group.wait(timeout);
  if (!exits) return Unexpected(std::move(exits).error());
  std::uint64_t ignored = 0;
  static_cast<void>(os::retry([&] { return ::read(members_->wake.get(), &ignored, sizeof(ignored)); }));
  for (const auto& exit : *exits) handle_death(exit, replace);
  if (!replace || running() > 0) return {};
  if (barren_deaths_ > kMostBarrenDeaths) {
    return Unexpected(Error{ErrorKind::kUnavailable, {}, "no worker process can be kept alive"});
  }
  return start_missing();
}

void TaskPool::handle_death(const WorkerGroup::Exit& exit, bool replace) {
  ++deaths_;
  const bool held = members_->board.recover(exit.worker, shape_.crash_limit, exit.status);
  barren_deaths_ = held ? 0 : barren_deaths_ + 1;
  // Whatever kills them before they start kills the next one, too.
  if (replace && barren_deaths_ <= kMostBarrenDeaths) static_cast<void>(start(exit.worker));
}

Result<void> TaskPool::finish() {
  if (auto usable = check_usable(); !usable) return usable;
  return dismiss(milliseconds(-1));
}

// `patience`: after it, who still runs is killed; negative: never.
Result<void> TaskPool::dismiss(milliseconds patience) {
  finished_ = true;
  WorkerGroup& group = members_->group;
  members_->board.close();
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (group.running() > 0) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
    if (patience.count() >= 0 && left.count() <= 0) group.kill_all(SIGKILL);
    auto exits = group.wait(patience.count() >= 0 && left.count() > 0 ? left : milliseconds(-1));
    if (!exits) return Unexpected(std::move(exits).error());
    for (const auto& exit : *exits) deaths_ += exit.clean() ? 0U : 1U;
  }
  return {};
}

}  // namespace mtask::workers
