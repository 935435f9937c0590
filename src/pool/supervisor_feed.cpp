// The supervisor's first half: jobs on their way from their source into the table.

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "os/fd_io.hpp"
#include "pool/supervisor.hpp"

namespace mtask::pool {
namespace {

constexpr std::uint64_t kMostBytes = 16U << 20;  // of texts that wait in the table
constexpr int kMostAtOnce = 512;                 // before the supervisor looks around again

}  // namespace

bool Supervisor::has_room() const {
  if (live_ >= table_.queue().capacity() || writer_.behind() >= kMostBytes) return false;
  const std::uint32_t wanted = table_.controls().wanted;
  if (config_.confirm) return live_ < wanted;   // asked for when its turn has come
  if (config_.pipe) return live_ < wanted + 2;  // blocks may be large
  return live_bytes_ < kMostBytes || live_ < 2 * wanted;
}

void Supervisor::feed() {
  bool input_wanted = false;
  for (int i = 0; !exhausted_ && !stop_.stop_requested() && has_room(); ++i) {
    if (i == kMostAtOnce) {
      table_.wake_supervisor();
      break;
    }
    const int fd = source_.input_fd();
    if (fd != -1) {
      input_wanted = !os::ready(fd, POLLIN);
      if (input_wanted) break;
      source_.take_input();
      continue;
    }
    auto job = source_.next();
    if (!job) {
      trouble(job.error().message() + "; the values after it are not used");
      exhausted_ = cut_short_ = true;
    } else if (!*job) {
      exhausted_ = true;
    } else {
      accept(**std::move(job));
    }
  }
  watch_input(input_wanted);
  JobTable::Guard guard(table_);
  table_.controls().low_mark = exhausted_ ? 0 : table_.queue().ready(guard) / 2;
}

void Supervisor::watch_input(bool wanted) {
  const int fd = wanted ? source_.input_fd() : -1;
  if (fd == input_watched_) return;
  if (input_watched_ != -1) group_->unwatch(input_watched_);
  input_watched_ = fd != -1 && group_->watch(fd) ? fd : -1;
}

// As the log of an earlier run says.
bool Supervisor::done_before(const JobSpec& job) {
  if (!logs_.done) return false;
  const Verdict verdict = logs_.done->verdict(job.seq, job.shown);
  if (verdict == Verdict::kChanged && !std::exchange(told_of_changed_inputs_, true)) {
    tell(Event::Kind::kWarning, kNoWorker, &job, "the log has another command under this number; it is run");
  }
  return verdict == Verdict::kSkip;
}

void Supervisor::accept(JobSpec job) {
  if (done_before(job)) {
    ++sum_.skipped;
    if (run_.detail != Events::Detail::kTroubles) tell(Event::Kind::kSkipped, kNoWorker, &job, "done before");
    return;
  }
  if (config_.confirm && !config_.confirm(job.shown, stop_)) {
    if (!stop_.stop_requested()) ++sum_.skipped;
    return;
  }
  printer_.begin(++last_ticket_);
  if (config_.dry_run) {
    print_only(job);
  } else {
    push(std::move(job));
    start_workers();
  }
}

void Supervisor::print_only(const JobSpec& job) {
  Output line;
  line.bytes = with_slot(job.shown, 1) + "\n";
  printer_.add(last_ticket_, job.seq, {}, std::move(line));
  printer_.end(last_ticket_);
  ++sum_.jobs;
  ++sum_.succeeded;
}

void Supervisor::push(JobSpec job) {
  JobItem item{};
  item.ticket = last_ticket_;
  item.seq = job.seq;
  item.has_block = job.block.has_value();
  const std::uint64_t block_bytes = item.has_block ? job.block->size() : 0;
  auto kept = kept_paths(job);
  if (!kept) {
    refuse(std::move(job), kept.error().message(), 126);
    return;
  }
  if (job.argv.empty()) {
    refuse(std::move(job), "cannot run the command: it is empty", 126);
    return;
  }
  std::optional<SlotId> slot;
  std::optional<std::uint32_t> bytes;
  {
    JobTable::Guard guard(table_);
    slot = table_.queue().push_leased(guard, item, JobTable::kSupervisor);
    if (slot) bytes = pack(job, *kept, table_.texts(*slot));
    if (slot && !bytes) table_.queue().release(guard, *slot);
  }
  if (!bytes) {
    refuse(std::move(job), "cannot run the command: Argument list too long", 126);
    return;
  }
  if (item.has_block && !store_block(*slot, *job.block)) {
    const std::string why = system_error(ErrorKind::kItem, errno, "cannot keep the block").message();
    JobTable::Guard guard(table_);
    table_.queue().release(guard, *slot);
    refuse(std::move(job), why, 126);
    return;
  }
  ++live_;
  live_bytes_ += *bytes;
  Pending& pending = pending_[*slot];
  job.argv.clear();
  job.argv.shrink_to_fit();
  job.block.reset();
  pending = {std::move(job), *std::move(kept), item.ticket, *bytes, block_bytes, 1};
  JobTable::Guard guard(table_);
  table_.queue().requeue(guard, *slot, JobQueue::End::kBack);
}

bool Supervisor::store_block(SlotId slot, const std::string& block) {
  const int fd = table_.block(slot);
  return os::pwrite_full(fd, block.data(), block.size(), 0) == 0 &&
         ::ftruncate(fd, static_cast<off_t>(block.size())) == 0;
}

// A job that can't even be handed to a worker.
void Supervisor::refuse(JobSpec job, const std::string& why, int exit_code) {
  Output line;
  line.target = Target::kErr;
  line.bytes = "mtask: " + why + "\n";
  printer_.add(last_ticket_, job.seq, job.tag, std::move(line));
  printer_.end(last_ticket_);
  JobResult result;
  result.seq = job.seq;
  result.exit_code = exit_code;
  result.started = std::chrono::system_clock::now();
  record(job, result, Log::kYes);
  tell(Event::Kind::kFailed, kNoWorker, &job, why);
}

Result<KeptPaths> Supervisor::kept_paths(const JobSpec& job) const {
  if (logs_.results) {
    auto files = logs_.results->files(job);
    if (!files) return Unexpected(std::move(files).error());
    if (auto made = make_folder_of(files->seq); !made) return Unexpected(std::move(made).error());
    const std::string number = std::to_string(job.seq);
    const UniqueFd fd(::open(files->seq.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    if (!fd || os::write_full(fd.get(), number.data(), number.size()) == -1) {
      return Unexpected(system_error(ErrorKind::kItem, errno, "cannot write " + quote(files->seq)));
    }
    return KeptPaths{std::move(files->out), std::move(files->err)};
  }
  if (!config_.files) return KeptPaths{};
  const std::string base = run_.temporary_directory + "/mtask-" + files_tag_ + "-" + std::to_string(job.seq);
  return KeptPaths{base + ".out", {}};
}

}  // namespace mtask::pool
