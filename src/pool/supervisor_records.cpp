// The supervisor's second half: from the workers' records to output, events and counts.

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/text.hpp"
#include "pool/clock.hpp"
#include "pool/exit_status.hpp"
#include "pool/supervisor.hpp"

namespace mtask::pool {
namespace {

constexpr std::size_t kMostWaiting = 4U << 20;  // bytes that wait for a reader

std::string end_of(const JobResult& result, Milliseconds timeout) {
  if (result.timed_out) {
    std::string seconds = std::to_string(static_cast<double>(timeout.count()) / 1000);
    seconds.erase(seconds.find_last_not_of('0') + 1);
    if (seconds.back() == '.') seconds.pop_back();
    return "timed out after " + seconds + "s";
  }
  if (result.signal != 0) return "killed by signal " + std::to_string(result.signal);
  return "exit " + std::to_string(result.exit_code);
}

}  // namespace

void Supervisor::drain() {
  for (std::uint32_t worker = 0; worker < table_.workers(); ++worker) drain_ring(worker, false);
  release_settled();
}

// Into record_. A record of lines waits for room in the writer, and with it whatever its worker says after it.
bool Supervisor::next_record(std::uint32_t worker, bool whatever_waits) {
  std::string& held_back = held_back_[worker];
  if (held_back.empty()) {
    if (!table_.ring(worker).read(record_)) return false;
  } else {
    record_.swap(held_back);
  }
  held_back.clear();
  if (whatever_waits || writer_.waiting() < kMostWaiting) return true;
  if (decode(record_).record.kind != Record::Kind::kText) return true;
  held_back.swap(record_);
  return false;
}

void Supervisor::drain_ring(std::uint32_t worker, bool whatever_waits) {
  bool any = false;
  while (next_record(worker, whatever_waits)) {
    any = true;
    handle(worker, record_);
  }
  if (any && table_.cell(worker).waits_room.exchange(0) != 0) ring(worker);
}

void Supervisor::handle(std::uint32_t worker, std::string_view bytes) {
  const DecodedRecord decoded = decode(bytes);
  switch (decoded.record.kind) {
    case Record::Kind::kBegun:
      begun(worker, decoded.record);
      break;
    case Record::Kind::kEnded:
      ended(worker, bytes, false);
      if (config_.halt.when != Halt::When::kNever) {
        table_.cell(worker).judged = decoded.record.ticket;
        ring(worker);
      }
      break;
    case Record::Kind::kText:
      text(worker, decoded);
      break;
    case Record::Kind::kWantsStream:
      stream_queue_.push_back({worker, decoded.record.ticket});
      break;
    case Record::Kind::kWarning:
      tell(Event::Kind::kWarning, worker, nullptr, decoded.note);
      break;
    case Record::Kind::kLeft:
      orphans_->leave(decoded.note);
      break;
  }
}

void Supervisor::begun(std::uint32_t worker, const Record& record) {
  tell(Event::Kind::kStarted, worker, &pending_[record.slot].job, "pid " + std::to_string(record.pid), 0, record.began);
}

void Supervisor::text(std::uint32_t worker, const DecodedRecord& decoded) {
  if (config_.results || config_.files) return;  // it is in its file, as with GNU parallel nowhere else
  const Target target = decoded.record.error_stream ? Target::kErr : Target::kOut;
  const Pending& pending = pending_[decoded.record.slot];
  OpenLine& line = open_line(worker, target);
  if (decoded.record.unfinished || !line.empty()) {
    const char* suffix = target == Target::kErr ? ".err-line" : ".out-line";
    line.append(decoded.out, run_.spill_directory + "/" + std::to_string(pending.ticket) + suffix);
    if (!decoded.record.unfinished) end_line(worker, pending, target);
    return;
  }
  Output output;
  output.target = target;
  output.bytes = decoded.out;
  printer_.add(pending.ticket, pending.job.seq, with_slot(pending.job.tag, worker + 1), std::move(output));
}

void Supervisor::end_line(std::uint32_t worker, const Pending& pending, Target target) {
  for (Output& part : open_line(worker, target).take(target))
    printer_.add(pending.ticket, pending.job.seq, with_slot(pending.job.tag, worker + 1), std::move(part));
}

void Supervisor::ended(std::uint32_t worker, std::string_view bytes, bool final) {
  const DecodedRecord decoded = decode(bytes);
  const Record& record = decoded.record;
  Pending& pending = pending_[record.slot];
  forget_stream(record.ticket);
  if (grouping_ == Grouping::kLine && !final) {  // a job need not end its last line
    for (const Target target : {Target::kOut, Target::kErr}) end_line(worker, pending, target);
  }
  JobResult result;
  result.seq = pending.job.seq;
  result.slot = worker;
  result.pid = record.pid;
  result.exit_code = record.lost_output && record.exit_code == 0 ? 1 : record.exit_code;
  result.signal = record.signal;
  result.timed_out = record.timed_out;
  result.runs = pending.runs;
  result.started = std::chrono::system_clock::time_point(
      std::chrono::duration_cast<std::chrono::system_clock::duration>(std::chrono::nanoseconds(record.started)));
  result.runtime = std::chrono::nanoseconds(record.runtime);
  result.bytes_in = pending.block_bytes;
  result.bytes_out = record.bytes_out;
  result.bytes_err = record.bytes_err;
  std::string failure;
  if (has_failed(result)) {
    failure = end_of(result, Milliseconds(table_.controls().timeout / 1'000'000));
    if (!decoded.note.empty()) failure += ": " + std::string(decoded.note);
  }
  if (record.reader_left) lose_reader();
  const bool stopped = record.ended_by_us && has_failed(result);
  if (stopped && !final && !closed() && !record.passed_on) {
    --pending.runs;  // that one doesn't count
    retry(worker, bytes, Milliseconds(0), "memory is short; it runs again");
    return;
  }
  const auto pause = retry_.again(result);
  if (pause && !final && !closed() && !record.streamed) {
    retry(worker, bytes, *pause, failure);
    return;
  }
  print(worker, decoded);
  // A later run is to do again what this one has broken off.
  settle(worker, record.slot, result, failure, stopped && closed() ? Log::kNo : Log::kYes,
         record.began + record.runtime);
}

void Supervisor::print(std::uint32_t worker, const DecodedRecord& decoded) {
  const Pending& pending = pending_[decoded.record.slot];
  const auto add = [&](Target target, std::string_view text, bool in_file, const std::string& kept) {
    Output output;
    output.target = target;
    if (in_file) {
      const char* suffix = target == Target::kOut ? ".out" : ".err";
      output.remove = kept.empty();
      output.path = output.remove ? run_.spill_directory + "/" + std::to_string(pending.ticket) + suffix
                                  : with_slot(kept, worker + 1);
    } else {
      output.bytes = text;
    }
    printer_.add(pending.ticket, pending.job.seq, with_slot(pending.job.tag, worker + 1), std::move(output));
  };
  const bool shown = !config_.results && grouping_ == Grouping::kJob;
  if (config_.files) {
    add(Target::kOut, with_slot(pending.kept.out, worker + 1) + "\n", false, {});
  } else if (shown) {
    add(Target::kOut, decoded.out, decoded.record.out_in_file, pending.kept.out);
  }
  if (shown) add(Target::kErr, decoded.err, decoded.record.err_in_file, pending.kept.err);
  if (decoded.record.lost_output) {
    add(Target::kErr, "mtask: " + std::string(decoded.note) + "\n", false, {});
  }
}

// The files of a run whose output nobody will see.
void Supervisor::discard(const DecodedRecord& decoded, const Pending& pending) {
  const std::string base = run_.spill_directory + "/" + std::to_string(pending.ticket);
  if (decoded.record.out_in_file && pending.kept.out.empty()) ::unlink((base + ".out").c_str());
  if (decoded.record.err_in_file && pending.kept.err.empty()) ::unlink((base + ".err").c_str());
}

void Supervisor::retry(std::uint32_t worker, std::string_view bytes, Milliseconds pause, const std::string& why) {
  const Record record = decode(bytes).record;
  Pending& pending = pending_[record.slot];
  {
    JobTable::Guard guard(table_);
    table_.queue().hand_over(guard, record.slot, JobTable::kSupervisor);
  }
  retries_.push_back({steady_ns() + to_ns(pause), record.slot, worker, std::string(bytes)});
  ++sum_.retried;
  tell(Event::Kind::kRetried, worker, &pending.job, why, 0, record.began + record.runtime);
}

// Those whose time has come; all of them, as they ended, when no job begins any more.
void Supervisor::run_retries() {
  const std::uint64_t now = steady_ns();
  for (std::size_t i = 0; i < retries_.size();) {
    if (!closed() && retries_[i].due > now) {
      ++i;
      continue;
    }
    const Retry retry = std::move(retries_[i]);
    retries_.erase(retries_.begin() + static_cast<std::ptrdiff_t>(i));
    if (closed()) {
      --sum_.retried;
      ended(retry.worker, retry.record, true);
      continue;
    }
    Pending& pending = pending_[retry.slot];
    discard(decode(retry.record), pending);
    ++pending.runs;
    JobTable::Guard guard(table_);
    table_.queue().start_over(guard, retry.slot);
    table_.queue().requeue(guard, retry.slot);
  }
}

void Supervisor::settle(std::uint32_t worker, SlotId slot, const JobResult& result, const std::string& failure, Log log,
                        std::uint64_t ended_at) {
  Pending& pending = pending_[slot];
  barren_deaths_ = 0;
  record(pending.job, result, log);
  const std::uint64_t bytes = result.bytes_out + result.bytes_err;
  sum_.bytes_out += bytes;
  const bool unread = log == Log::kNo && sum_.reader_left;  // its reader has seen enough: nobody's trouble
  if (!failure.empty()) {
    if (!unread) tell(Event::Kind::kFailed, worker, &pending.job, failure, bytes, ended_at);
  } else if (run_.detail != Events::Detail::kTroubles) {
    tell(Event::Kind::kFinished, worker, &pending.job, "exit 0", bytes, ended_at);
  }
  printer_.end(pending.ticket);
  live_bytes_ -= pending.bytes;
  table_.forget_texts(slot, pending.bytes);
  if (pending.block_bytes > 0) table_.forget_block(slot, pending.block_bytes);
  pending = {};
  settled_.push_back(slot);
}

void Supervisor::give_up(std::uint32_t worker, SlotId slot, const std::string& why) {
  JobResult result;
  result.seq = pending_[slot].job.seq;
  result.slot = worker;
  result.signal = SIGKILL;
  result.runs = pending_[slot].runs;
  result.started = std::chrono::system_clock::now();
  ++sum_.killed;
  settle(worker, slot, result, "killed: " + why, closed() ? Log::kNo : Log::kYes, steady_ns());
}

void Supervisor::release_settled() {
  if (settled_.empty()) return;
  JobTable::Guard guard(table_);
  for (const SlotId slot : settled_) table_.queue().release(guard, slot);
  live_ -= static_cast<std::uint32_t>(settled_.size());
  settled_.clear();
}

void Supervisor::record(const JobSpec& job, const JobResult& result, Log log) {
  if (log == Log::kYes) write_log(job, result);
  ++sum_.jobs;
  ++(has_failed(result) ? sum_.failed : sum_.succeeded);
  if (result.timed_out) ++sum_.timed_out;
  heed_timeouts(result);
  heed_halt(result);
}

void Supervisor::heed_timeouts(const JobResult& result) {
  if (!config_.timeout.percent || has_failed(result)) return;
  timeout_.succeeded(result.runtime);
  const auto limit = timeout_.current();
  if (limit && table_.controls().timeout.exchange(to_ns(*limit)) != to_ns(*limit)) timeout_changed_ = true;
}

void Supervisor::heed_halt(const JobResult& result) {
  if (table_.controls().end_now != 0) return;  // a halt or a lost reader ended it
  const Halt::When then = halt_.ended(result, source_.total());
  if (then == Halt::When::kNow || (then == Halt::When::kSoon && !closed())) close(then == Halt::When::kNow);
}

// Before the end of the job is told anywhere else. A full disk is told once; what it didn't take goes with a later
// line.
void Supervisor::write_log(const JobSpec& job, const JobResult& result) {
  if (!logs_.joblog) return;
  logs_.joblog->append(result, with_slot(job.shown, result.slot + 1));
  auto written = logs_.joblog->flush();
  if (!written && !std::exchange(told_of_joblog_, true)) {
    tell(Event::Kind::kWarning, kNoWorker, nullptr, written.error().message());
  }
}

void Supervisor::close_log() {
  if (!logs_.joblog) return;
  if (auto closed = logs_.joblog->close(); !closed) {
    trouble(closed.error().message());
  }
}

// Nobody reads what the jobs print: the run ends.
void Supervisor::lose_reader() {
  if (sum_.reader_left) return;
  sum_.reader_left = true;
  if (reader_) group_->unwatch(reader_.get());
  reader_.reset();
  close(true);
}

// One job at a time may write to out_fd itself, when nothing is to come before it.
void Supervisor::grant_stream() {
  if (streaming_ || !writer_.idle()) return;
  const auto first = std::find_if(stream_queue_.begin(), stream_queue_.end(),
                                  [&](const Streamer& wish) { return printer_.its_turn(wish.ticket); });
  if (first == stream_queue_.end()) return;
  streaming_ = *first;
  stream_queue_.erase(first);
  if (config_.before_output) config_.before_output();
  table_.cell(streaming_->worker).granted = streaming_->ticket;
  ring(streaming_->worker);
}

void Supervisor::forget_stream(std::uint64_t ticket) {
  std::erase_if(stream_queue_, [&](const Streamer& wish) { return wish.ticket == ticket; });
  if (!streaming_ || streaming_->ticket != ticket) return;
  table_.cell(streaming_->worker).granted = 0;
  streaming_.reset();
}

void Supervisor::write_output() {
  if (closed() && group_->running() == 0) printer_.end_all();
  if (!streaming_) writer_.pump();
  for (const Writer::Failure& failure : writer_.take_failures()) lose_output(failure);
  if (writer_.reader_left()) lose_reader();
  const int blocked = streaming_ ? -1 : writer_.blocked_on();
  if (blocked == out_watched_) return;
  if (out_watched_ != -1) group_->unwatch(out_watched_);
  out_watched_ = blocked;
  if (blocked != -1 && !group_->watch(blocked, os::Poller::For::kWriting)) out_watched_ = -1;
}

// Where one job's output could not be written the next one's can't either: no job begins any more.
void Supervisor::lose_output(const Writer::Failure& failure) {
  trouble(system_error(ErrorKind::kItem, failure.error, "cannot write its output").message(), failure.item);
  if (closed()) return;
  cut_short_ = true;
  close(false);
}

void Supervisor::trouble(std::string_view detail, std::uint64_t item) {
  ++sum_.troubles;
  Event event;
  event.kind = Event::Kind::kFailed;
  event.item = item;
  event.time = std::chrono::steady_clock::now();
  event.detail = detail;
  events_.event(event);
}

void Supervisor::tell(Event::Kind kind, std::uint32_t worker, const JobSpec* job, std::string_view detail,
                      std::uint64_t bytes, std::uint64_t at) {
  Event event;
  event.kind = kind;
  event.worker = worker;
  event.time = std::chrono::steady_clock::time_point(std::chrono::nanoseconds(at == 0 ? steady_ns() : at));
  std::string shown;
  if (job != nullptr) {
    shown = job->shown.find(kSlotMark) == std::string::npos ? job->shown : with_slot(job->shown, worker + 1);
    event.item = job->seq;
    event.name = shown;
  }
  if (kind == Event::Kind::kFinished) event.action = "run";
  event.detail = detail;
  event.bytes = bytes;
  events_.event(event);
}

}  // namespace mtask::pool
