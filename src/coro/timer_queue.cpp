#include "coro/timer_queue.hpp"

#include <algorithm>
#include <bit>
#include <functional>
#include <utility>

namespace mtask::detail {
namespace {

constexpr std::size_t kFreeBlocks = 4096;
constexpr int kPartBits = 9;               // a tick is cut into 512 parts
constexpr std::uint32_t kInsertable = 32;  // more than that within a part is not sorted by insertion

}  // namespace

timer_queue::timer_queue() { free_.reserve(kFreeBlocks); }

timer_queue::~timer_queue() {
  for (const slot& some : slots_) drain(some, [](timer) {});
  for (block* const one : free_) delete one;
}

std::size_t timer_queue::hash::operator()(const timer& entry) const noexcept {
  return std::hash<void*>()(entry.task) * 31 + std::hash<std::int64_t>()(entry.deadline);
}

// In the order of the deadlines, negative ones first.
std::uint64_t timer_queue::tick(std::int64_t deadline) noexcept {
  return (static_cast<std::uint64_t>(deadline) ^ std::uint64_t{1} << 63) >> kTickBits;
}

void timer_queue::add(timer entry) {
  fresh_.push_back(entry);
  ++size_;
}

void timer_queue::settle() {
  for (const timer entry : fresh_) place(entry);
  fresh_.clear();
}

inline void timer_queue::place(timer entry) {
  const std::uint64_t at = tick(entry.deadline);
  if (at < tick_ || (at == tick_ && open_)) {
    late_.push({entry, sequence_++});
    return;
  }
  const std::size_t level = (static_cast<std::size_t>(std::bit_width((at ^ tick_) | 1)) - 1) / kDigitBits;
  const std::size_t index = level * kDigits + (at >> level * kDigitBits & (kDigits - 1));
  used_[index / 64] |= std::uint64_t{1} << index % 64;
  push(slots_[index], entry);
}

// How many entries the last block has is the slot's to know: so adding one does not wait for the block's memory.
inline void timer_queue::push(slot& into, timer entry) {
  constexpr std::size_t kFull = std::tuple_size_v<decltype(block::entries)>;
  const std::size_t fill = into.size % kFull;
  if (fill == 0) {
    block* fresh = nullptr;
    if (free_.empty()) {
      fresh = new block;
    } else {
      fresh = free_.back();
      free_.pop_back();
    }
    fresh->next = nullptr;
    (into.size == 0 ? into.first : into.last->next) = fresh;
    into.last = fresh;
  }
  into.last->entries[fill] = entry;
  ++into.size;
  into.min = std::min(into.min, entry.deadline);
}

// Hands out all entries in order; their memory is free for what is made of them.
template <class Visit>
void timer_queue::drain(slot taken, Visit visit) {
  while (taken.size > 0) {
    block* const at = std::exchange(taken.first, taken.first->next);
    const std::size_t count = std::min(taken.size, at->entries.size());
    taken.size -= count;
    // The processor cannot guess where the next one is.
    if (taken.size > 0) {
      for (std::size_t i = 0; i < at->entries.size(); i += 64 / sizeof(timer)) {
        __builtin_prefetch(&taken.first->entries[i]);
      }
    }
    for (std::size_t i = 0; i < count; ++i) visit(at->entries[i]);
    if (free_.size() < kFreeBlocks) {
      free_.push_back(at);
    } else {
      delete at;
    }
  }
}

std::size_t timer_queue::first_slot() const noexcept {
  for (std::size_t i = 0; i < used_.size(); ++i) {
    if (used_[i] != 0) return i * 64 + static_cast<std::size_t>(std::countr_zero(used_[i]));
  }
  return kSlots;
}

bool timer_queue::open_next(std::int64_t now) {
  for (;;) {
    const std::size_t index = first_slot();
    if (index == kSlots || slots_[index].min > now) return false;
    used_[index / 64] &= used_[index / 64] - 1;
    const slot taken = std::exchange(slots_[index], {});
    tick_ = tick(taken.min);
    open_ = index < kDigits;
    if (open_) {
      sort_into_run(taken);
      return true;
    }
    drain(taken, [this](timer entry) { place(entry); });
  }
}

// A bucket sort by parts of the tick, then by insertion; it keeps the order of equal ones.
void timer_queue::sort_into_run(slot taken) {
  const auto part = [](timer entry) {
    return static_cast<std::uint64_t>(entry.deadline) >> (kTickBits - kPartBits) & ((1 << kPartBits) - 1);
  };
  std::array<std::uint32_t, 1 << kPartBits> ends{};
  std::size_t left = taken.size;
  for (const block* at = taken.first; left > 0; at = at->next) {
    const std::size_t count = std::min(left, at->entries.size());
    for (std::size_t i = 0; i < count; ++i) ++ends[part(at->entries[i])];
    left -= count;
  }
  std::uint32_t sum = 0;
  std::uint32_t most = 0;
  for (std::uint32_t& end : ends) {
    most = std::max(most, end);
    sum += std::exchange(end, sum);
  }
  run_.resize(taken.size);
  next_in_run_ = 0;
  drain(taken, [&](timer entry) { run_[ends[part(entry)]++] = entry; });
  if (most > kInsertable) {
    const auto earlier = [](const timer& a, const timer& b) { return a.deadline < b.deadline; };
    if (!std::is_sorted(run_.begin(), run_.end(), earlier)) std::stable_sort(run_.begin(), run_.end(), earlier);
    return;
  }
  for (std::size_t i = 1; i < run_.size(); ++i) {
    const timer moved = run_[i];
    std::size_t hole = i;
    for (; hole > 0 && moved.deadline < run_[hole - 1].deadline; --hole) run_[hole] = run_[hole - 1];
    run_[hole] = moved;
  }
}

std::size_t timer_queue::pop(std::int64_t now, std::span<promise_base*> into) {
  settle();
  std::size_t count = 0;
  while (count < into.size() && size_ > 0 && (next_in_run_ < run_.size() || !late_.empty() || open_next(now))) {
    const bool from_run =
        next_in_run_ < run_.size() && (late_.empty() || run_[next_in_run_].deadline <= late_.top().entry.deadline);
    const timer first = from_run ? run_[next_in_run_] : late_.top().entry;
    if (first.deadline > now) break;
    if (from_run) {
      ++next_in_run_;
    } else {
      late_.pop();
    }
    --size_;
    if (!take_cancelled(first)) into[count++] = first.task;
  }
  return count;
}

std::int64_t timer_queue::earliest() {
  settle();
  if (empty()) return kNever;
  const std::int64_t first_late = late_.empty() ? kNever : late_.top().entry.deadline;
  if (next_in_run_ < run_.size()) return std::min(first_late, run_[next_in_run_].deadline);
  const std::size_t index = first_slot();
  return late_.empty() && index < kSlots ? slots_[index].min : first_late;
}

void timer_queue::cancel(timer entry) {
  cancelled_.insert(entry);
  if (cancelled_.size() > 64 && cancelled_.size() > size_ / 2) drop_cancelled();
}

bool timer_queue::take_cancelled(timer entry) {
  const auto found = cancelled_.empty() ? cancelled_.end() : cancelled_.find(entry);
  if (found == cancelled_.end()) return false;
  cancelled_.erase(found);
  return true;
}

// At a cost that the number of the cancelled ones pays for.
void timer_queue::drop_cancelled() {
  settle();
  const auto gone = [this](timer entry) {
    const bool cancelled = take_cancelled(entry);
    if (cancelled) --size_;
    return cancelled;
  };
  run_.erase(run_.begin(), run_.begin() + static_cast<std::ptrdiff_t>(std::exchange(next_in_run_, 0)));
  std::erase_if(run_, gone);
  std::vector<late_timer> late;
  for (; !late_.empty(); late_.pop()) {
    if (!gone(late_.top().entry)) late.push_back(late_.top());
  }
  late_ = decltype(late_)(std::greater<>(), std::move(late));
  for (std::size_t i = 0; i < used_.size(); ++i) {
    for (std::uint64_t left = used_[i]; left != 0; left &= left - 1) {
      slot& some = slots_[i * 64 + static_cast<std::size_t>(std::countr_zero(left))];
      drain(std::exchange(some, {}), [&](timer entry) {
        if (!gone(entry)) push(some, entry);
      });
      if (some.size == 0) used_[i] ^= left & -left;
    }
  }
}

}  // namespace mtask::detail
