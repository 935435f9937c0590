#include "coro/timer_queue.hpp"

#include <algorithm>
#include <bit>
#include <functional>
#include <utility>

namespace mtask::detail {
namespace {

constexpr std::size_t kBuckets = 1024;     // of a rung, at most
constexpr std::size_t kSortable = 2048;    // more than that is spread first; sorting them stays within the cache
constexpr std::size_t kLateLimit = 4096;   // more than that becomes a rung
constexpr std::uint32_t kInsertable = 32;  // more than that within a slot is not sorted by insertion

// Times that are cut into `slots` equal parts, or fewer, of a power of two nanoseconds. At least two slots.
class time_slots {
 public:
  time_slots(std::int64_t min, std::int64_t max, std::size_t slots) noexcept
      : start_(min), shift_(static_cast<int>(std::bit_width(distance(max) / slots))) {}

  [[nodiscard]] std::size_t index(std::int64_t deadline) const noexcept { return distance(deadline) >> shift_; }

 private:
  [[nodiscard]] std::uint64_t distance(std::int64_t deadline) const noexcept {
    return static_cast<std::uint64_t>(deadline) - static_cast<std::uint64_t>(start_);
  }
  std::int64_t start_;
  int shift_;
};

}  // namespace

// 1 KiB together with malloc's own bytes. How many of the last one's entries there are is the bucket's to know: so
// adding one does not wait for the block's memory.
struct timer_queue::block {
  block* next;
  std::array<timer, 62> entries;
};

// Blocks that are free now and will soon be needed again; as spreading takes and frees them in turn, malloc() would
// join and split them all the time.
class timer_queue::block_pool {
 public:
  block_pool() { free_.reserve(kMost); }
  ~block_pool() {
    for (block* const one : free_) delete one;
  }
  block_pool(const block_pool&) = delete;
  block_pool& operator=(const block_pool&) = delete;

  [[nodiscard]] block* take() {
    if (free_.empty()) return new block;
    block* const taken = free_.back();
    free_.pop_back();
    return taken;
  }
  void give(block* free) noexcept {
    if (free_.size() == kMost) {
      delete free;
    } else {
      free_.push_back(free);
    }
  }

 private:
  static constexpr std::size_t kMost = 4096;
  std::vector<block*> free_;
};

// Entries in the order in which they were added.
class timer_queue::bucket {
 public:
  bucket() noexcept = default;
  ~bucket() {
    while (first_ != nullptr) delete std::exchange(first_, first_->next);
  }
  bucket(const bucket&) = delete;
  bucket& operator=(const bucket&) = delete;

  void push(const timer& entry, block_pool& pool) {
    if (fill_ == kFull) {
      block* const fresh = pool.take();
      fresh->next = nullptr;
      (last_ == nullptr ? first_ : last_->next) = fresh;
      last_ = fresh;
      fill_ = 0;
    }
    last_->entries[fill_++] = entry;
    ++size_;
    min = std::min(min, entry.deadline);
    max = std::max(max, entry.deadline);
  }
  template <class Visit>
  void each(Visit visit) const {
    for (const block* at = first_; at != nullptr; at = at->next) visit_block(*at, visit);
  }
  // Hands out all entries in order; their memory is free for what is made of them.
  template <class Visit>
  void drain(Visit visit, block_pool& pool) {
    bucket all;
    all.swap(*this);
    while (all.first_ != nullptr) {
      all.visit_block(*all.first_, visit);
      pool.give(std::exchange(all.first_, all.first_->next));
    }
  }
  void swap(bucket& other) noexcept {
    std::swap(first_, other.first_);
    std::swap(last_, other.last_);
    std::swap(fill_, other.fill_);
    std::swap(size_, other.size_);
    std::swap(min, other.min);
    std::swap(max, other.max);
  }
  [[nodiscard]] bool empty() const noexcept { return last_ == nullptr; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  std::int64_t min = kNever;
  std::int64_t max = std::numeric_limits<std::int64_t>::min();

 private:
  static constexpr std::size_t kFull = std::tuple_size_v<decltype(block::entries)>;

  template <class Visit>
  void visit_block(const block& at, Visit& visit) const {
    // The processor cannot guess where the next one is.
    if (at.next != nullptr) {
      for (std::size_t i = 0; i < kFull; i += 64 / sizeof(timer)) __builtin_prefetch(&at.next->entries[i]);
    }
    const std::size_t end = &at == last_ ? fill_ : kFull;
    for (std::size_t i = 0; i < end; ++i) visit(at.entries[i]);
  }

  block* first_ = nullptr;
  block* last_ = nullptr;
  std::size_t fill_ = kFull;  // of last_
  std::size_t size_ = 0;
};

// Bucket i has what is due in the i-th part of the time from `start`, the last one all that comes later, too.
struct timer_queue::rung {
  // For what is in `source`.
  explicit rung(const bucket& source)
      : start(source.min),
        slots(source.min, source.max, std::clamp<std::size_t>(source.size() / (kSortable / 4), 2, kBuckets)),
        buckets(slots.index(source.max) + 1) {}

  // Whether it is due after all that was opened.
  [[nodiscard]] bool takes(std::int64_t deadline) const noexcept {
    return open < buckets.size() && deadline >= start && index(deadline) >= open;
  }
  [[nodiscard]] std::size_t index(std::int64_t deadline) const noexcept {
    return std::min(slots.index(deadline), buckets.size() - 1);
  }
  // The first bucket that has entries; null when all are empty.
  [[nodiscard]] bucket* front() noexcept {
    while (open < buckets.size() && buckets[open].empty()) ++open;
    return open < buckets.size() ? &buckets[open] : nullptr;
  }

  std::int64_t start;
  time_slots slots;
  std::size_t open = 0;  // buckets before it have been taken, or are past
  std::vector<bucket> buckets;
};

timer_queue::timer_queue() : pool_(std::make_unique<block_pool>()), top_(std::make_unique<bucket>()) {}
timer_queue::~timer_queue() = default;

bool timer_queue::later(const late_timer& a, const late_timer& b) noexcept {
  return a.entry.deadline != b.entry.deadline ? a.entry.deadline > b.entry.deadline : a.sequence > b.sequence;
}

std::size_t timer_queue::hash::operator()(const timer& entry) const noexcept {
  return std::hash<void*>()(entry.task) * 31 + std::hash<std::int64_t>()(entry.deadline);
}

void timer_queue::add(timer entry) {
  if (entry.deadline >= top_start_) {
    top_->push(entry, *pool_);
    ++size_;
    return;
  }
  for (const auto& step : rungs_) {
    if (step->takes(entry.deadline)) {
      step->buckets[step->index(entry.deadline)].push(entry, *pool_);
      ++size_;
      return;
    }
  }
  late_.push_back({entry, sequence_++});
  ++size_;
  std::push_heap(late_.begin(), late_.end(), later);
  if (late_.size() > kLateLimit && late_.size() > run_.size() - next_in_run_) {
    bucket all;
    drain_bottom(all);
    if (all.min < all.max) {
      spread(all);
    } else {
      open(all);
    }
  }
}

// Empties run_ and late_.
void timer_queue::drain_bottom(bucket& into) {
  std::sort(late_.begin(), late_.end(), [](const late_timer& a, const late_timer& b) { return later(b, a); });
  for (; next_in_run_ < run_.size(); ++next_in_run_) into.push(run_[next_in_run_], *pool_);
  for (const late_timer& late : late_) into.push(late.entry, *pool_);
  run_.clear();
  next_in_run_ = 0;
  late_.clear();
}

void timer_queue::drop_empty_rungs() noexcept {
  while (!rungs_.empty() && rungs_.back()->front() == nullptr) rungs_.pop_back();
}

void timer_queue::spread(bucket& source) {
  drop_empty_rungs();  // or they would pile up under one that is used again and again
  rungs_.push_back(std::make_unique<rung>(source));
  rung& into = *rungs_.back();
  source.drain([&](const timer& entry) { into.buckets[into.index(entry.deadline)].push(entry, *pool_); }, *pool_);
}

// Makes the next bucket the run, or a rung. False when it became a rung.
bool timer_queue::open(bucket& source) {
  if (source.size() > kSortable && source.min < source.max) {
    spread(source);
    return false;
  }
  sort_into_run(source);
  return true;
}

// A bucket sort that keeps the order of equal ones: most slots have one entry or none.
void timer_queue::sort_into_run(bucket& source) {
  const std::size_t count = source.size();
  const time_slots slots(source.min, source.max, std::max<std::size_t>(2 * count, 2));
  std::vector<std::uint32_t>& ends = slot_ends_;
  ends.assign(slots.index(source.max) + 1, 0);
  source.each([&](const timer& entry) { ++ends[slots.index(entry.deadline)]; });
  std::uint32_t most = 0;
  std::uint32_t sum = 0;
  for (std::uint32_t& end : ends) {
    most = std::max(most, end);
    sum += std::exchange(end, sum);
  }
  run_.resize(count);
  next_in_run_ = 0;
  source.drain([&](const timer& entry) { run_[ends[slots.index(entry.deadline)]++] = entry; }, *pool_);
  const auto earlier = [](const timer& a, const timer& b) { return a.deadline < b.deadline; };
  if (most > kInsertable) {
    if (!std::is_sorted(run_.begin(), run_.end(), earlier)) std::stable_sort(run_.begin(), run_.end(), earlier);
    return;
  }
  for (std::size_t i = 1; i < count; ++i) {
    const timer moved = run_[i];
    std::size_t hole = i;
    for (; hole > 0 && moved.deadline < run_[hole - 1].deadline; --hole) run_[hole] = run_[hole - 1];
    run_[hole] = moved;
  }
}

// Fills run_, which is empty as late_ is, if anything may be due.
bool timer_queue::open_next(std::int64_t now) {
  for (;;) {
    drop_empty_rungs();
    bucket next;
    if (!rungs_.empty()) {
      bucket& front = *rungs_.back()->front();
      if (front.min > now) return false;
      next.swap(front);
      ++rungs_.back()->open;
    } else {
      if (top_->min > now) {
        top_start_ = std::numeric_limits<std::int64_t>::min();
        return false;
      }
      top_start_ = top_->max == kNever ? kNever : top_->max + 1;
      next.swap(*top_);
    }
    if (open(next)) return true;
  }
}

timer timer_queue::take_late() {
  std::pop_heap(late_.begin(), late_.end(), later);
  const timer entry = late_.back().entry;
  late_.pop_back();
  return entry;
}

std::size_t timer_queue::pop(std::int64_t now, std::span<promise_base*> into) {
  std::size_t count = 0;
  while (count < into.size() && size_ > 0 && (!bottom_empty() || open_next(now))) {
    if (late_.empty() && cancelled_.empty()) {
      const std::size_t end = std::min(run_.size(), next_in_run_ + into.size() - count);
      while (next_in_run_ < end && run_[next_in_run_].deadline <= now) {
        into[count++] = run_[next_in_run_++].task;
        --size_;
      }
      if (next_in_run_ < end) break;
    } else {
      const bool from_run =
          next_in_run_ < run_.size() && (late_.empty() || run_[next_in_run_].deadline <= late_.front().entry.deadline);
      if ((from_run ? run_[next_in_run_].deadline : late_.front().entry.deadline) > now) break;
      const timer entry = from_run ? run_[next_in_run_++] : take_late();
      --size_;
      if (const auto cancelled = cancelled_.find(entry); cancelled != cancelled_.end()) {
        cancelled_.erase(cancelled);
      } else {
        into[count++] = entry.task;
      }
    }
  }
  return count;
}

std::int64_t timer_queue::earliest() noexcept {
  if (empty()) return kNever;
  if (!bottom_empty()) {
    const std::int64_t run = next_in_run_ < run_.size() ? run_[next_in_run_].deadline : kNever;
    return late_.empty() ? run : std::min(run, late_.front().entry.deadline);
  }
  drop_empty_rungs();
  return rungs_.empty() ? top_->min : rungs_.back()->front()->min;
}

void timer_queue::cancel(const timer& entry) {
  cancelled_.insert(entry);
  if (cancelled_.size() > 64 && cancelled_.size() > size_ / 2) compact();
}

// Takes the cancelled ones out, at a cost that their number pays for.
void timer_queue::compact() {
  bucket live;
  const auto keep = [&](const timer& entry) {
    const auto cancelled = cancelled_.find(entry);
    if (cancelled == cancelled_.end()) {
      live.push(entry, *pool_);
    } else {
      cancelled_.erase(cancelled);
    }
  };
  bucket bottom;
  drain_bottom(bottom);
  bottom.drain(keep, *pool_);
  while (!rungs_.empty()) {
    for (bucket& some : rungs_.back()->buckets) some.drain(keep, *pool_);
    rungs_.pop_back();
  }
  top_->drain(keep, *pool_);
  top_->swap(live);
  top_start_ = std::numeric_limits<std::int64_t>::min();
  size_ = top_->size();
}

}  // namespace mtask::detail
