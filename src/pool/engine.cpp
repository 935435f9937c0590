// A run's setting: what is to be shared is made here, the supervisor does the rest.

#include "pool/engine.hpp"

#include <signal.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <optional>

#include "base/unique_fd.hpp"
#include "pool/jobs_number.hpp"
#include "pool/spawner.hpp"
#include "pool/spill_directory.hpp"
#include "pool/supervisor.hpp"

namespace mtask::pool {
namespace {

Result<void> validate(const Config& config) {
  if (config.slots < 1 || config.slots > kMostSlots || config.max_slots > kMostSlots) {
    return Unexpected(usage_error("jobs at the same time: 1 to " + std::to_string(kMostSlots)));
  }
  return {};
}

// During the run a reader that goes away, or a limit on file sizes, is an error of write(2), and ended children can be
// waited for even if the caller was started with SIGCHLD ignored.
class QuietSignals {
 public:
  QuietSignals() {
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &ignore, &pipe_);
    ::sigaction(SIGXFSZ, &ignore, &size_);
    struct sigaction usual {};
    usual.sa_handler = SIG_DFL;
    ::sigaction(SIGCHLD, &usual, &child_);
  }
  ~QuietSignals() {
    ::sigaction(SIGPIPE, &pipe_, nullptr);
    ::sigaction(SIGXFSZ, &size_, nullptr);
    ::sigaction(SIGCHLD, &child_, nullptr);
  }
  QuietSignals(const QuietSignals&) = delete;
  QuietSignals& operator=(const QuietSignals&) = delete;

 private:
  struct sigaction pipe_ {};
  struct sigaction size_ {};
  struct sigaction child_ {};
};

// Each worker costs the supervisor two descriptors.
class RoomForFds {
 public:
  explicit RoomForFds(unsigned workers) {
    if (::getrlimit(RLIMIT_NOFILE, &before_) != 0) return;
    const rlim_t needed = 4 * static_cast<rlim_t>(workers) + 256;
    rlimit more = before_;
    more.rlim_cur = std::min(std::max(before_.rlim_cur, needed), before_.rlim_max);
    raised_ = more.rlim_cur > before_.rlim_cur && ::setrlimit(RLIMIT_NOFILE, &more) == 0;
  }
  ~RoomForFds() {
    if (raised_) ::setrlimit(RLIMIT_NOFILE, &before_);
  }
  RoomForFds(const RoomForFds&) = delete;
  RoomForFds& operator=(const RoomForFds&) = delete;
  // What it was; nothing where it stayed so.
  [[nodiscard]] std::optional<rlimit> before() const { return raised_ ? std::optional<rlimit>(before_) : std::nullopt; }

 private:
  rlimit before_{};
  bool raised_ = false;
};

std::string temporary_directory(const Config& config) {
  if (config.tmpdir) return *config.tmpdir;
  const char* directory = ::getenv("TMPDIR");
  return directory != nullptr && *directory != '\0' ? directory : "/tmp";
}

}  // namespace

Result<Summary> run_jobs(const Config& config, JobSource& source, Events& events, StopToken stop) {
  const auto begin = std::chrono::steady_clock::now();
  if (auto valid = validate(config); !valid) return Unexpected(std::move(valid).error());
  auto logs = RunLogs::open(config);
  if (!logs) return Unexpected(std::move(logs).error());
  const unsigned workers = std::max(config.slots, config.max_slots);
  const QuietSignals quiet;
  const RoomForFds room(workers);
  const UniqueFd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake) return Unexpected(system_error(ErrorKind::kUnavailable, errno, "cannot create an eventfd"));
  auto table = JobTable::create(workers, config.pipe.has_value(), wake.get());
  if (!table) return Unexpected(std::move(table).error());
  const Grouping grouping = grouping_of(config);
  const std::string temporary = temporary_directory(config);
  SpillDirectory spill;
  if (grouping != Grouping::kNone && !config.dry_run) {
    auto made = SpillDirectory::create(temporary);
    if (!made) return Unexpected(std::move(made).error());
    spill = *std::move(made);
  }
  const bool waits_for_ends = config.joblog || config.halt.when != Halt::When::kNever || config.timeout.percent;
  const bool may_stream =
      grouping == Grouping::kJob && config.tries == 1 && !config.command.tag && !config.results && !config.files;
  RunState state{config,     events.detail(), *std::move(table),      spill.path(),   temporary,
                 ::getpid(), room.before(),   ignored_stop_signals(), waits_for_ends, may_stream};
  Supervisor supervisor(state, *logs, source, events, stop, wake.get());
  if (auto worked = supervisor.work(); !worked) return Unexpected(std::move(worked).error());
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  return supervisor.summary(seconds.count());
}

}  // namespace mtask::pool
