#pragma once
// Sleeping tasks by their deadlines: a hierarchical timing wheel (Varghese and Lauck, "Hashed and Hierarchical Timing
// Wheels", SOSP 1987) whose slots are chosen as a radix heap's are (Ahuja et al., JACM 1990), so that it never ticks
// through empty ones.
//
// A deadline lies in the slot of the highest digit in which its tick differs from the present one; slots are opened one
// level down, at last sorted, only when their time comes. So adding and taking cost a constant, and touch memory in
// order; an entry is 16 bytes and a little. A heap of a million entries misses the cache at each of twenty levels.
//
// Order is by deadline, and for equal ones by when they were added. Not thread-safe. After std::bad_alloc entries may
// be missing: nothing that waits for them can go on.

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <queue>
#include <span>
#include <unordered_set>
#include <vector>

namespace mtask::detail {

struct promise_base;

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
  void cancel(timer entry);
  // The next tasks whose deadlines are not after `now`; how many. Fewer than there is room for: no more are due.
  [[nodiscard]] std::size_t pop(std::int64_t now, std::span<promise_base*> into);
  // Nothing is due before. kNever when it is empty.
  [[nodiscard]] std::int64_t earliest();
  [[nodiscard]] bool empty() const noexcept { return size_ == cancelled_.size(); }

 private:
  static constexpr int kTickBits = 16;  // a tick is 66 µs: a run of many million wake-ups a second fits the first cache
  static constexpr std::size_t kDigitBits = 8;
  static constexpr std::size_t kDigits = std::size_t{1} << kDigitBits;
  static constexpr std::size_t kSlots = (64 - kTickBits + kDigitBits - 1) / kDigitBits * kDigits;

  struct block {
    block* next;
    std::array<timer, 64> entries;
  };
  struct slot {
    block* first = nullptr;
    block* last = nullptr;
    std::size_t size = 0;
    std::int64_t min = kNever;
  };
  struct late_timer {
    timer entry;
    std::uint64_t sequence;
    bool operator>(const late_timer& other) const noexcept {
      return entry.deadline != other.entry.deadline ? entry.deadline > other.entry.deadline : sequence > other.sequence;
    }
  };
  struct hash {
    std::size_t operator()(const timer& entry) const noexcept;
  };

  [[nodiscard]] static std::uint64_t tick(std::int64_t deadline) noexcept;
  void settle();
  void place(timer entry);
  [[nodiscard]] bool take_cancelled(timer entry);
  [[nodiscard]] std::size_t first_slot() const noexcept;  // that has entries; kSlots: none has
  bool open_next(std::int64_t now);
  void sort_into_run(slot taken);
  void push(slot& into, timer entry);
  template <class Visit>
  void drain(slot taken, Visit visit);
  void drop_cancelled();

  // Added, and not yet in their places: the memory for several is waited for at once.
  std::vector<timer> fresh_;
  // From what comes first to what comes last: run_ and late_, the slots.
  std::vector<timer> run_;  // of the present tick, sorted
  std::size_t next_in_run_ = 0;
  std::priority_queue<late_timer, std::vector<late_timer>, std::greater<>> late_;  // added when their tick was open
  std::uint64_t sequence_ = 0;
  std::array<slot, kSlots> slots_;                 // for each value of each digit, the lowest digit first
  std::array<std::uint64_t, kSlots / 64> used_{};  // bits of the slots that have entries
  std::uint64_t tick_ = 0;                         // the present one
  bool open_ = false;                              // the present tick became run_
  std::size_t size_ = 0;                           // cancelled ones, too
  // Blocks that will soon be needed again: as opening takes and frees them in turn, malloc() would join and split them.
  std::vector<block*> free_;
  // Cancelled, but still in the queue. Where a live entry is equal, it makes no difference which of both comes out.
  std::unordered_multiset<timer, hash> cancelled_;
};

}  // namespace mtask::detail
