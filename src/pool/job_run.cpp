// One job in the hands of a worker, from its texts to the record of its end.

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>

#include "base/text.hpp"
#include "os/fd_io.hpp"
#include "os/syscall.hpp"
#include "pool/clock.hpp"
#include "pool/job_text.hpp"
#include "pool/worker.hpp"

namespace mtask::pool {
namespace {

constexpr std::uint64_t kMuch = 1U << 20;      // bytes of output after which a job asks to stream
constexpr std::uint64_t kAfterEnd = 2U << 20;  // a wide pipe's worth, however fast a process that is left behind writes
constexpr std::uint64_t kFirstPause = 20'000'000;
constexpr std::uint64_t kLongestPause = 1'000'000'000;

timespec to_timespec(std::uint64_t nanoseconds) {
  return {static_cast<time_t>(nanoseconds / 1'000'000'000), static_cast<long>(nanoseconds % 1'000'000'000)};
}

bool is_shortage(const Spawner::Outcome& outcome) {
  using Step = Spawner::Outcome::Step;
  return outcome.step == Step::kFork ||
         ((outcome.step == Step::kExecute || outcome.step == Step::kInput) &&
          (outcome.error == ENOMEM || outcome.error == EAGAIN || outcome.error == EMFILE || outcome.error == ENFILE));
}

}  // namespace

void Worker::run(SlotId slot) {
  slot_ = slot;
  item_ = table_.queue().item(slot);
  record_ = {};
  record_.slot = slot;
  record_.ticket = item_.ticket;
  note_.clear();
  status_ = 0;
  job_over_ = children_left_ = asked_to_stream_ = no_room_for_lines_ = false;
  stream_.reset();
  ending_.reset();
  untold_.clear();
  cell_.pid.store(0);
  cell_.judged.store(0);
  cell_.slot.store(slot);
  cell_.ticket.store(item_.ticket);
  unpack();
  start();
  if (!job_over_) watch();
  if (!supervisor_gone_) finish();
  if (config_.halt.when != Halt::When::kNever) await_judgement();
  cell_.ticket.store(0);
}

// Words stay where they are, in the shared memory, unless they name the slot.
void Worker::unpack() {
  JobWords words(table_.texts(slot_).data());
  workdir_ = with_slot(words.next(), id_ + 1);
  std::string out = with_slot(words.next(), id_ + 1);
  std::string err = with_slot(words.next(), id_ + 1);
  begin_captures(std::move(out), std::move(err));
  arguments_.clear();
  rendered_.clear();
  rendered_.reserve(words.arguments());
  for (std::uint32_t i = 0; i < words.arguments(); ++i) {
    const std::string_view word = words.next();
    if (word.find(kSlotMark) == std::string_view::npos) {
      arguments_.push_back(word.data());
    } else {
      arguments_.push_back(rendered_.emplace_back(with_slot(word, id_ + 1)).c_str());
    }
  }
}

void Worker::begin_captures(std::string out, std::string err) {
  if (grouping_ == Grouping::kNone) return;
  const auto begin = [&](CapturedStream& stream, std::string path, const char* suffix) {
    const bool kept = !path.empty();
    if (!kept) path = run_.spill_directory + "/" + std::to_string(item_.ticket) + suffix;
    stream.begin(std::move(path), kept);
  };
  begin(out_, std::move(out), ".out");
  begin(err_, std::move(err), ".err");
  for (Lines* lines : {&out_lines_, &err_lines_}) lines->text.clear(), lines->sent = 0;
}

// A line that looks as if the job had said it.
void Worker::complain(const std::string& text) {
  const std::string line = "mtask: " + text + "\n";
  if (grouping_ == Grouping::kNone) {
    static_cast<void>(os::write_full(STDERR_FILENO, line.data(), line.size()));
  } else if (grouping_ == Grouping::kLine) {
    err_lines_.text += line;
  } else {
    err_.append(line);
  }
}

// Opened anew, as the job must have an offset of its own. Returns an error number.
int Worker::open_block() {
  const std::string path = "/proc/self/fd/" + std::to_string(table_.block(slot_));
  const UniqueFd block(os::retry([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC); }));
  if (!block || os::retry([&] { return ::dup2(block.get(), STDIN_FILENO); }) == -1) return errno;
  return 0;
}

void Worker::start() {
  record_.started = system_ns();
  record_.began = steady_ns();
  Spawner::Outcome outcome;
  for (std::uint64_t pause = kFirstPause;;) {
    const int error = item_.has_block ? open_block() : 0;
    outcome = error == 0 ? spawner_.start(arguments_, workdir_.c_str(), item_.seq, cell_.pid)
                         : Spawner::Outcome{Spawner::Outcome::Step::kInput, error};
    if (!is_shortage(outcome) || !wait_to_start(outcome.error, pause)) break;
  }
  if (item_.has_block) os::retry([&] { return ::dup2(null_.get(), STDIN_FILENO); });
  record_.pid = cell_.pid.load();
  if (outcome.step != Spawner::Outcome::Step::kStarted) {
    note_ = sentence(outcome, arguments_[0], workdir_);
    complain(note_);
    record_.exit_code = exit_code(outcome);
    job_over_ = true;
  } else if (run_.detail == Events::Detail::kAll) {
    Record begun = record_;
    begun.kind = Record::Kind::kBegun;
    untold_ = encode(begun);
  }
}

bool Worker::wanted_over() const noexcept { return table_.controls().end_now != 0 || cell_.end_job == item_.ticket; }

// No process, memory or descriptor is free just now. False: somebody wants the job ended, or not begun.
bool Worker::wait_to_start(int error, std::uint64_t& pause) {
  if (!told_of_failed_start_) {
    told_of_failed_start_ = true;
    warn("cannot start a process (" + std::generic_category().message(error) + "); trying again");
  }
  pollfd watched{bell_, POLLIN, 0};
  const timespec limit = to_timespec(pause);
  ::ppoll(&watched, 1, &limit, nullptr);
  pause = std::min(2 * pause, kLongestPause);
  read_bell();
  record_.started = system_ns();
  record_.began = steady_ns();
  record_.ended_by_us = wanted_over() || table_.controls().closed != 0;
  return !supervisor_gone_ && !record_.ended_by_us;
}

bool Worker::over() const noexcept {
  if (!job_over_) return false;
  if (ending_.begun() && children_left_) return false;
  if (supervisor_gone_) return true;
  const bool dropped = record_.ended_by_us && !record_.timed_out;
  return !stream_ || dropped || stream_->drained() || stream_->bytes() > streamed_at_end_ + kAfterEnd;
}

void Worker::watch() {
  std::vector<pollfd> watched;
  look();
  while (!over()) {
    if (!untold_.empty() && try_tell(untold_, false)) untold_.clear();
    const bool ready = wait_for_events(watched);
    if (ready && watched[0].revents != 0) {
      read_bell();
      look();
    }
    // Once the job is over nothing may be left in its pipe.
    if (stream_ && (ready || job_over_)) step_stream();
    if (ready) take_output();
    keep_time();
  }
  drain();
}

// False: no descriptor is ready.
bool Worker::wait_for_events(std::vector<pollfd>& watched) {
  watched.assign(1, {supervisor_gone_ ? -1 : bell_, POLLIN, 0});
  if (grouping_ != Grouping::kNone && !no_room_for_lines_) {
    watched.push_back(stream_ ? stream_->wants() : pollfd{out_.read_end(), POLLIN, 0});
    watched.push_back({err_.read_end(), POLLIN, 0});
  }
  std::uint64_t until = ending_.begun() ? ending_.next() : UINT64_MAX;
  const std::uint64_t timeout = table_.controls().timeout;
  if (timeout != 0 && !ending_.begun() && !job_over_) until = std::min(until, record_.began + timeout);
  timespec limit{};
  if (until != UINT64_MAX) {
    const std::uint64_t now = steady_ns();
    limit = to_timespec(until > now ? until - now : 0);
  }
  const int ready =
      ::ppoll(watched.data(), watched.size(), until == UINT64_MAX ? nullptr : &limit, &spawner_.wait_mask());
  // A signal that comes while something is ready interrupts nothing.
  if (ready > 0 || (ready == -1 && errno == EINTR)) reap();
  return ready > 0;
}

// What the supervisor wants may have changed.
void Worker::look() {
  no_room_for_lines_ = false;
  if (supervisor_gone_) end_job(true);
  if (wanted_over()) {
    if (!ending_.begun()) record_.ended_by_us = true;
    end_job(false);
  }
  if (cell_.granted == item_.ticket && !stream_ && asked_to_stream_) begin_stream();
}

void Worker::end_job(bool at_once) {
  if (job_over_ && !ending_.begun()) return;
  ending_.begin(config_.terminal ? 0 : cell_.pid.load(), at_once);
}

void Worker::keep_time() {
  ending_.step();
  const std::uint64_t timeout = table_.controls().timeout;
  if (timeout == 0 || ending_.begun() || job_over_ || steady_ns() < record_.began + timeout) return;
  record_.timed_out = true;
  end_job(false);
}

void Worker::reap() {
  for (;;) {
    int status = 0;
    const pid_t pid = os::retry([&] { return ::waitpid(-1, &status, WNOHANG | __WALL); });
    if (pid <= 0) {
      children_left_ = pid == 0;
      return;
    }
    if (job_over_ || pid != cell_.pid.load()) continue;
    cell_.pid.store(0);  // the number may be another's soon
    job_over_ = true;
    streamed_at_end_ = stream_ ? stream_->bytes() : 0;
    status_ = status;
    record_.runtime = steady_ns() - record_.began;
  }
}

void Worker::take_output() {
  if (grouping_ == Grouping::kNone || no_room_for_lines_) return;
  if (grouping_ == Grouping::kLine) {
    out_.take(&out_lines_.text);
    err_.take(&err_lines_.text);
    pass_on_lines(out_lines_, false);
    pass_on_lines(err_lines_, false);
  } else {
    if (!stream_) out_.take();
    err_.take();
    ask_to_stream();
  }
  if ((out_.error() != 0 || err_.error() != 0) && !record_.lost_output) {
    record_.lost_output = true;
    end_job(false);
  }
}

void Worker::pass_on_lines(Lines& lines, bool all) {
  while (lines.sent < lines.text.size()) {
    const std::string_view rest = std::string_view(lines.text).substr(lines.sent);
    std::string_view part = rest.substr(0, kRecordRoom);
    const std::size_t end = part.rfind('\n');
    Record text = record_;
    if (end != std::string_view::npos) {
      part = part.substr(0, end + 1);
    } else if (rest.size() > kRecordRoom) {
      text.unfinished = true;
    } else if (!all) {
      break;
    }
    text.kind = Record::Kind::kText;
    text.error_stream = lines.error_stream;
    if (others_see_lines()) {
      cell_.passed_on.store(item_.ticket);
      record_.passed_on = true;
    }
    const std::string bytes = encode(text, part);
    if (all)
      tell(bytes, true);
    else if (!try_tell(bytes, true))
      no_room_for_lines_ = true;
    if (no_room_for_lines_ || supervisor_gone_) break;
    lines.sent += part.size();
  }
  lines.text.erase(0, lines.sent);
  lines.sent = 0;
}

void Worker::ask_to_stream() {
  if (!run_.may_stream || asked_to_stream_ || out_.bytes() < kMuch || ending_.begun()) return;
  Record wish = record_;
  wish.kind = Record::Kind::kWantsStream;
  asked_to_stream_ = try_tell(encode(wish), true);
  out_.widen();
}

void Worker::begin_stream() {
  cell_.passed_on.store(item_.ticket);
  record_.streamed = record_.passed_on = true;
  stream_.emplace(out_.take_file(), out_.read_end(), out_fd_.get());
  step_stream();
}

void Worker::step_stream() {
  stream_->step();
  if (stream_->error() == 0 || record_.lost_output || record_.reader_left) return;
  record_.reader_left = stream_->error() == EPIPE;
  record_.lost_output = !record_.reader_left;
  end_job(false);
}

// The job has ended; what it wrote is in the pipes. Processes it left may go on writing: they are not waited for.
void Worker::drain() {
  if (grouping_ == Grouping::kNone || supervisor_gone_) return;
  pollfd pipes[2] = {{stream_ ? -1 : out_.read_end(), POLLIN, 0}, {err_.read_end(), POLLIN, 0}};
  const std::uint64_t most = out_.bytes() + err_.bytes() + kAfterEnd;
  while (os::retry([&] { return ::poll(pipes, 2, 0); }) > 0 && out_.bytes() + err_.bytes() < most) {
    const bool lines = grouping_ == Grouping::kLine;
    if (pipes[0].revents != 0) out_.take(lines ? &out_lines_.text : nullptr);
    if (pipes[1].revents != 0) err_.take(lines ? &err_lines_.text : nullptr);
  }
}

// No job begins after one that halts the run.
void Worker::await_judgement() {
  while (!supervisor_gone_ && cell_.judged != item_.ticket && table_.controls().closed == 0) {
    pollfd watched{bell_, POLLIN, 0};
    ::poll(&watched, 1, -1);
    read_bell();
  }
}

void Worker::finish() {
  if (record_.pid != 0) {
    record_.exit_code = WIFEXITED(status_) ? WEXITSTATUS(status_) : 0;
    record_.signal = WIFSIGNALED(status_) ? WTERMSIG(status_) : 0;
  }
  if (!untold_.empty()) tell(untold_, false);
  std::string_view out;
  std::string_view err;
  if (grouping_ != Grouping::kNone) {
    if (stream_) out_.count(stream_->bytes());
    if (grouping_ == Grouping::kLine) {
      no_room_for_lines_ = false;  // from here on room is waited for
      pass_on_lines(out_lines_, true);
      pass_on_lines(err_lines_, true);
    }
    const std::size_t out_size = out_.memory().size();
    const std::size_t err_size = err_.memory().size();
    const bool too_much = out_size + err_size > kRecordRoom;
    const bool spill_out = too_much && (out_size >= err_size || out_size > kRecordRoom);
    const bool spill_err = too_much && (!spill_out || err_size > kRecordRoom);
    record_.out_in_file = out_.finish(spill_out);
    record_.err_in_file = err_.finish(spill_err);
    if (!record_.out_in_file) out = out_.memory();
    if (!record_.err_in_file) err = err_.memory();
    const int error = out_.error() != 0 ? out_.error() : err_.error();
    if (error != 0) record_.lost_output = true;
    if (record_.lost_output) {
      note_ = "its output could not be kept: " +
              std::generic_category().message(error != 0 ? error : (stream_ ? stream_->error() : EIO));
    }
    record_.bytes_out = out_.bytes();
    record_.bytes_err = err_.bytes();
  }
  cell_.jobs.fetch_add(1, std::memory_order_relaxed);
  cell_.bytes.fetch_add(record_.bytes_out + record_.bytes_err, std::memory_order_relaxed);
  const bool silent = out.empty() && err.empty() && !record_.out_in_file && !record_.err_in_file;
  const bool well = record_.exit_code == 0 && record_.signal == 0 && !record_.timed_out && !record_.lost_output;
  tell(encode(record_, out, err, std::string_view(note_).substr(0, 1024)),
       !silent || !well || run_.tell_all || record_.streamed);
}

}  // namespace mtask::pool
