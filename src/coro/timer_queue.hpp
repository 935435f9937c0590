#pragma once
// Sleeping tasks by their deadlines: a ladder queue (Tang, Goh, Thng: "Ladder Queue", ACM TOMACS 2005).
//
// What is far away lies unsorted in buckets by time, and is spread over finer buckets, at last sorted by a bucket sort,
// only when its time comes. So adding and taking cost a constant, and touch memory in order; an entry is 16 bytes and a
// little. A heap of a million entries misses the cache at each of twenty levels.
//
// Order is by deadline, and for equal ones by when they were added. Not thread-safe. After std::bad_alloc entries may
// be missing: nothing that waits for them can go on.

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <unordered_set>
#include <vector>

namespace mtask::detail {

class promise_base;

struct timer {
  std::int64_t deadline;  // nanoseconds of the steady clock
  promise_base* task;
  friend bool operator==(const timer&, const timer&) = default;
};

class timer_queue {
 public:
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

  timer_queue();
  ~timer_queue();
  timer_queue(const timer_queue&) = delete;
  timer_queue& operator=(const timer_queue&) = delete;

  void add(timer entry);
  // Of one that was added and has not come out.
  void cancel(const timer& entry);
  // The next tasks whose deadlines are not after `now`; how many. Fewer than there is room for: no more are due.
  [[nodiscard]] std::size_t pop(std::int64_t now, std::span<promise_base*> into);
  // Nothing is due before. kNever when it is empty.
  [[nodiscard]] std::int64_t earliest() noexcept;
  [[nodiscard]] bool empty() const noexcept { return size_ == cancelled_.size(); }

 private:
  struct block;
  class block_pool;
  class bucket;
  struct rung;
  struct late_timer {
    timer entry;
    std::uint64_t sequence;
  };
  struct hash {
    std::size_t operator()(const timer& entry) const noexcept;
  };
  static bool later(const late_timer& a, const late_timer& b) noexcept;

  [[nodiscard]] bool bottom_empty() const noexcept { return next_in_run_ == run_.size() && late_.empty(); }
  bool open_next(std::int64_t now);
  bool open(bucket& source);
  void spread(bucket& source);
  void sort_into_run(bucket& source);
  void drain_bottom(bucket& into);
  void drop_empty_rungs() noexcept;
  void compact();
  timer take_late();

  std::unique_ptr<block_pool> pool_;
  // From what comes first to what comes last: run_ and late_, the rungs from the back, top_.
  std::vector<timer> run_;  // sorted
  std::size_t next_in_run_ = 0;
  std::vector<std::uint32_t> slot_ends_;  // of sort_into_run(), kept for its memory
  std::vector<late_timer> late_;          // a heap: added when their bucket was open already
  std::uint64_t sequence_ = 0;
  std::vector<std::unique_ptr<rung>> rungs_;
  std::unique_ptr<bucket> top_;
  std::int64_t top_start_ = std::numeric_limits<std::int64_t>::min();  // all of top_ is at or after it
  std::size_t size_ = 0;                                               // cancelled ones, too
  // Cancelled, but still in the queue. Where a live entry is equal, it makes no difference which of both comes out.
  std::unordered_multiset<timer, hash> cancelled_;
};

}  // namespace mtask::detail
