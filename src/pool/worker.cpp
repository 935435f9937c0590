#include "pool/worker.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "os/syscall.hpp"
#include "pool/family.hpp"
#include "pool/spill_directory.hpp"

namespace mtask::pool {
namespace {

// Out of the way of the standard descriptors, and not for jobs.
UniqueFd duplicate(int fd) { return UniqueFd(::fcntl(fd, F_DUPFD_CLOEXEC, 3)); }

Result<void> failure(const char* what) { return Unexpected(system_error(ErrorKind::kUnavailable, errno, what)); }

}  // namespace

Worker::Worker(const RunState& run, std::uint32_t id, int bell)
    : run_(run),
      config_(run.config),
      table_(*run.table),
      id_(id),
      bell_(bell),
      cell_(table_.cell(id)),
      grouping_(grouping_of(run.config)),
      pace_(run.config.delay, run.config.limit_rate),
      spawner_(run.config, id + 1, run.supervisor),
      ending_(run.config) {}

Result<void> Worker::set_up() {
  // Not to be killed with the supervisor: the job and all it started must be ended first. The bell tells of that.
  ::prctl(PR_SET_PDEATHSIG, 0);
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  spawner_.prepare(run_.ignored_signals, run_.descriptors);
  if (config_.nice && ::setpriority(PRIO_PROCESS, 0, *config_.nice) == -1)
    warn("cannot run jobs at niceness " + std::to_string(*config_.nice) + ": " +
         std::generic_category().message(errno));
  null_.reset(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null_) return failure("cannot open '/dev/null'");
  if (null_.get() <= STDERR_FILENO) null_ = duplicate(null_.get());
  const UniqueFd terminal(config_.terminal ? ::open("/dev/tty", O_RDWR | O_CLOEXEC) : -1);
  if (config_.terminal && !terminal) return failure("cannot open '/dev/tty'");
  if (::dup2(config_.terminal ? terminal.get() : null_.get(), STDIN_FILENO) == -1)
    return failure("cannot set up standard input");
  return set_up_outputs();
}

Result<void> Worker::set_up_outputs() {
  out_fd_ = duplicate(config_.out_fd);
  const UniqueFd err_fd = duplicate(config_.err_fd);
  if (!out_fd_ || !err_fd) return failure("cannot set up the outputs");
  if (grouping_ == Grouping::kNone) {
    if (::dup2(out_fd_.get(), STDOUT_FILENO) == -1 || ::dup2(err_fd.get(), STDERR_FILENO) == -1) {
      return failure("cannot set up the outputs");
    }
    return {};
  }
  if (auto opened = out_.open(STDOUT_FILENO); !opened) return opened;
  return err_.open(STDERR_FILENO);
}

int Worker::work() {
  if (auto ready = set_up(); !ready) {
    warn(ready.error().message());
    return 1;
  }
  const auto go_on = [this] { return supervisor_lives(); };
  while (auto slot = table_.take(id_, pace_, go_on)) {
    run(*slot);
    if (supervisor_gone_) break;
    if (children_left_) {
      tell_left();
      return 0;
    }
  }
  if (!supervisor_gone_) return 0;
  remove_spill_directory(run_.spill_directory);
  return 1;
}

bool Worker::supervisor_lives() {
  read_bell();
  return !supervisor_gone_;
}

// True when it was rung.
bool Worker::read_bell() {
  char bytes[64];
  const ssize_t count = os::retry([&] { return ::read(bell_, bytes, sizeof(bytes)); });
  if (count == 0 || (count == -1 && errno != EAGAIN)) supervisor_gone_ = true;
  return count > 0;
}

bool Worker::try_tell(const std::string& record, bool urgent) {
  workers::EventRing& ring = table_.ring(id_);
  if (ring.try_write(record, urgent)) return true;
  cell_.waits_room.store(1);
  return ring.try_write(record, urgent);  // there may have been room before the reader could see that we wait
}

void Worker::tell(const std::string& record, bool urgent) {
  while (!supervisor_gone_ && !try_tell(record, urgent)) {
    pollfd watched{bell_, POLLIN, 0};
    ::poll(&watched, 1, -1);
    read_bell();
  }
}

void Worker::warn(const std::string& text) {
  Record record;
  record.kind = Record::Kind::kWarning;
  tell(encode(record, {}, {}, text), true);
}

void Worker::tell_left() {
  const std::vector<pid_t> left = descendants_of(::getpid());
  Record record;
  record.kind = Record::Kind::kLeft;
  const std::size_t most = kRecordRoom / sizeof(pid_t);
  const std::string_view bytes(reinterpret_cast<const char*>(left.data()), std::min(left.size(), most) * sizeof(pid_t));
  tell(encode(record, {}, {}, bytes), true);
}

}  // namespace mtask::pool
