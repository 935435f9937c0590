#pragma once
// Jobs on their way from the supervisor to the workers, and what both tell each other without a message.
//
// All of it is memory that was mapped before the first fork. A slot of the queue is taken by the supervisor, leased by
// a worker, and released by the supervisor alone, once it has read the record of the job's end: what a killed worker
// still leases is work to do again, after its ring was read. Controls and cells hold states, never messages, so one
// that is read late or twice does no harm; a bell (Bell) only says "look again".
//
// Errors: create() says why memory can't be had. Thread-safety: by the queue's lock where told, else atomics.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/unique_fd.hpp"
#include "mtask/pool.hpp"
#include "mtask/result.hpp"
#include "os/shared_region.hpp"
#include "pool/pace.hpp"
#include "workers/event_ring.hpp"
#include "workers/shared_queue.hpp"

namespace mtask::pool {

using workers::SlotId;

struct JobItem {
  std::uint64_t ticket;  // from 1, in the order in which jobs were taken from their source
  std::uint64_t seq;     // the job's own number
  bool has_block;        // its standard input is one
};

using JobQueue = workers::SharedQueue<JobItem>;

// What the supervisor wants of all workers.
struct Controls {
  std::atomic<std::uint32_t> closed;   // no job is taken any more
  std::atomic<std::uint32_t> end_now;  // jobs that run are to be ended
  std::atomic<std::uint32_t> held;     // no job is taken for now
  std::atomic<std::uint32_t> wanted;   // workers from this number on are to end when idle
  std::atomic<std::uint64_t> timeout;  // nanoseconds that a job may run; 0: no limit
  // Under the lock:
  PaceState pace;
  std::uint32_t low_mark;  // the supervisor is woken when no more jobs than this are ready; then it becomes 0
};

// One a worker. Tickets are those of jobs; 0: none.
struct alignas(64) Cell {
  std::atomic<std::int32_t> pid;  // of its job; stored by the kernel before the job's first instruction
  std::atomic<std::uint32_t> slot;
  std::atomic<std::uint64_t> ticket;      // the job in hand
  std::atomic<std::uint64_t> granted;     // by the supervisor: this job's output goes straight to out_fd
  std::atomic<std::uint64_t> passed_on;   // somebody may have seen output of this job: doing it again would double it
  std::atomic<std::uint64_t> end_job;     // by the supervisor: this job is to be ended
  std::atomic<std::uint64_t> judged;      // by the supervisor: this job's end was heard, its consequences are drawn
  std::atomic<std::uint32_t> waits_room;  // its ring was full: ring its bell when there is room
  std::atomic<std::uint64_t> jobs;        // ended
  std::atomic<std::uint64_t> bytes;       // of output
};

class JobTable {
 public:
  static constexpr std::size_t kStride = (9U << 20) / 4;  // bytes for the texts of a job; 2 MiB is what execve takes
  static constexpr std::uint32_t kSupervisor = 1U << 16;  // holds slots under a number no worker has

  // `wake_fd`: as of EventRing. With `blocks`, every slot has a file in memory for a job's standard input.
  [[nodiscard]] static Result<std::unique_ptr<JobTable>> create(std::uint32_t workers, bool blocks, int wake_fd);

  [[nodiscard]] JobQueue& queue() noexcept { return *queue_; }
  [[nodiscard]] Controls& controls() noexcept { return *controls_; }
  [[nodiscard]] Cell& cell(std::uint32_t worker) noexcept { return cells_[worker]; }
  [[nodiscard]] workers::EventRing& ring(std::uint32_t worker) noexcept { return rings_[worker]; }
  [[nodiscard]] std::uint32_t workers() const noexcept { return static_cast<std::uint32_t>(rings_.size()); }
  [[nodiscard]] std::span<char> texts(SlotId slot) noexcept { return {texts_ + kStride * slot, kStride}; }
  [[nodiscard]] int block(SlotId slot) const noexcept { return blocks_[slot].get(); }

  // Gives memory back that a long text took.
  void forget_texts(SlotId slot, std::size_t bytes) noexcept;

  // The same of a long block.
  void forget_block(SlotId slot, std::uint64_t bytes) noexcept;

  // The lock, with the queue mended when a process died inside.
  class Guard : public JobQueue::Guard {
   public:
    explicit Guard(JobTable& table) : JobQueue::Guard(*table.queue_) {
      if (!intact())
        table.queue_->rebuild(*this, [](const JobItem& a, const JobItem& b) { return a.ticket < b.ticket; });
    }
  };

  // For a worker: waits for a job and leases it. Nothing: there will be none for this worker, or `go_on` (asked while
  // it waits) said no.
  [[nodiscard]] std::optional<SlotId> take(std::uint32_t worker, const Pace& pace, const std::function<bool()>& go_on);

  void wake_supervisor() const noexcept;

 private:
  JobTable(os::SharedRegion shared, os::SharedRegion texts, int wake_fd)
      : shared_(std::move(shared)), texts_region_(std::move(texts)), wake_fd_(wake_fd) {}

  os::SharedRegion shared_;
  os::SharedRegion texts_region_;
  int wake_fd_;
  std::optional<JobQueue> queue_;
  Controls* controls_ = nullptr;
  Cell* cells_ = nullptr;
  char* texts_ = nullptr;
  std::vector<workers::EventRing> rings_;
  std::vector<UniqueFd> blocks_;
};

}  // namespace mtask::pool
