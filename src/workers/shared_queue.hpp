#pragma once
// A bounded queue of work in shared memory, whose items survive the death of the worker that holds them.
//
// Every item stands in a slot: free, ready (in one of the lanes) or leased to a worker. A worker leases an item, works
// on it, then releases or requeues it. When a worker dies, the supervisor finds its leases and requeues them. So an
// item may be done more than once: redoing must be idempotent.
//
// The slots' states are the truth; the lists that order them are derived from it. When a process dies in the middle of
// an operation, the next one to lock() is told, and calls rebuild(). All operations but wait() need the lock, which the
// Guard proves; the Guard also wakes sleepers after it let go.
//
// T: trivially copyable; zero bytes need not mean anything. Shapes: capacity slots, Lanes ready lists.

#include <algorithm>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <vector>

#include "os/futex.hpp"
#include "os/shared_region.hpp"
#include "workers/robust_mutex.hpp"

namespace mtask::workers {

using SlotId = std::uint32_t;
inline constexpr SlotId kNoSlot = UINT32_MAX;

template <class T, unsigned Lanes = 1>
class SharedQueue {
  static_assert(std::is_trivially_copyable_v<T>);

  enum State : std::uint32_t { kFree = 0, kReady = 1, kLeased = 2 };  // kLeased + worker

  struct Slot {
    std::atomic<std::uint32_t> state;
    SlotId next;
    std::atomic<std::uint32_t> at;  // how far its holder has come; what it counts is T's matter
    std::uint32_t deaths;           // of holders, with `at` being …
    std::uint32_t died_at;
    std::uint32_t redone;
    std::uint32_t lane;
    T item;
  };
  struct List {
    SlotId head;
    SlotId tail;
  };
  struct Header {
    RobustMutex mutex;
    std::atomic<std::uint32_t> wake_word;
    std::uint32_t sleepers;
    std::uint32_t live;  // slots that are not free
    std::uint32_t ready_count;
    std::uint32_t high_water;  // slots ever used
    SlotId free_head;
    List ready[Lanes];
  };

 public:
  enum class End : std::uint8_t { kFront, kBack };

  [[nodiscard]] static constexpr std::size_t room(std::uint32_t capacity) {
    return os::SharedRegion::room<Header>(1) + os::SharedRegion::room<Slot>(capacity);
  }

  // Before the fork; the region must outlive the queue.
  SharedQueue(os::SharedRegion& region, std::uint32_t capacity)
      : header_(region.carve<Header>(1)), slots_(region.carve<Slot>(capacity)), capacity_(capacity) {
    header_->mutex.init();
    header_->free_head = kNoSlot;
    for (List& list : header_->ready) list = {kNoSlot, kNoSlot};
  }

  class Guard {
   public:
    explicit Guard(SharedQueue& queue) : queue_(queue), intact_(queue.header_->mutex.lock()) {}
    ~Guard() {
      const bool wake = wake_ && queue_.header_->sleepers > 0;
      if (wake) queue_.header_->wake_word.fetch_add(1, std::memory_order_relaxed);
      queue_.header_->mutex.unlock();
      if (wake) os::futex_wake(queue_.header_->wake_word, wake_all_ ? INT32_MAX : 1);
    }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

    // False: a process died while it held the lock; call rebuild() (and mend whatever else the lock guards).
    [[nodiscard]] bool intact() const noexcept { return intact_; }
    // Wakes sleepers when the guard ends, for a reason other than a push.
    void wake_all() noexcept { wake_ = wake_all_ = true; }

   private:
    friend class SharedQueue;
    SharedQueue& queue_;
    bool intact_;
    bool wake_ = false;
    bool wake_all_ = false;
  };

  // A new ready item; nothing when the queue is full.
  std::optional<SlotId> push(Guard& guard, const T& item, unsigned lane = 0, End end = End::kBack) {
    return push_filled(
        guard, item, [](SlotId) {}, lane, end);
  }

  // The same for an item that has a part elsewhere: fill(SlotId) stores it before anybody can take the item.
  template <class Fill>
  std::optional<SlotId> push_filled(Guard& guard, const T& item, Fill fill, unsigned lane = 0, End end = End::kBack) {
    const SlotId id = take_free();
    if (id == kNoSlot) return std::nullopt;
    fill(id);
    slots_[id].item = item;
    slots_[id].lane = lane;
    link(id, end);
    guard.wake_ = true;
    return id;
  }

  // A new item that `worker` holds from the start; nothing when the queue is full.
  std::optional<SlotId> push_leased(Guard&, const T& item, std::uint32_t worker, unsigned lane = 0) {
    const SlotId id = take_free();
    if (id == kNoSlot) return std::nullopt;
    slots_[id].item = item;
    slots_[id].lane = lane;
    slots_[id].state.store(kLeased + worker, std::memory_order_release);
    return id;
  }

  // The first ready item of `lane`, which stays there.
  [[nodiscard]] std::optional<SlotId> first(Guard&, unsigned lane = 0) const noexcept {
    const SlotId id = header_->ready[lane].head;
    return id == kNoSlot ? std::nullopt : std::optional(id);
  }

  // The first ready item of `lane`, now held by `worker`.
  std::optional<SlotId> lease(Guard&, std::uint32_t worker, unsigned lane = 0) {
    const SlotId id = header_->ready[lane].head;
    if (id == kNoSlot) return std::nullopt;
    slots_[id].state.store(kLeased + worker, std::memory_order_release);
    unlink_first(lane);
    return id;
  }

  // Gives the first ready item of `lane` to take(SlotId, item), then frees its slot; false when there is none. Who is
  // killed before the end leaves the item where it was.
  template <class Take>
  bool pop(Guard& guard, Take take, unsigned lane = 0) {
    const SlotId id = header_->ready[lane].head;
    if (id == kNoSlot) return false;
    take(id, slots_[id].item);
    unlink_first(lane);
    discard(guard, id);
    return true;
  }

  // Done: the slot is free.
  void release(Guard& guard, SlotId id) {
    discard(guard, id);
    if (header_->live == 0) guard.wake_all();  // who sleeps may leave
  }

  // The same, but nobody is woken: for queues that may be empty for a while.
  void discard(Guard&, SlotId id) {
    slots_[id].state.store(kFree, std::memory_order_release);
    slots_[id].next = header_->free_head;
    header_->free_head = id;
    --header_->live;
  }

  // A held item becomes the last ready one of another lane. Wakes nobody. Who is killed inside may leave it held, but
  // of the new lane already; requeue() then puts it there.
  void pass(Guard&, SlotId id, unsigned lane) {
    slots_[id].lane = lane;
    link(id, End::kBack);
  }

  // Back among the ready ones, first in its lane unless told otherwise.
  void requeue(Guard& guard, SlotId id, End end = End::kFront) {
    link(id, end);
    guard.wake_ = true;
  }

  // A leased item changes its holder.
  void hand_over(Guard&, SlotId id, std::uint32_t worker) noexcept {
    slots_[id].state.store(kLeased + worker, std::memory_order_release);
  }

  // For the holder of a lease, or anybody with the lock.
  [[nodiscard]] T& item(SlotId id) noexcept { return slots_[id].item; }
  [[nodiscard]] std::atomic<std::uint32_t>& at(SlotId id) noexcept { return slots_[id].at; }
  [[nodiscard]] unsigned lane(SlotId id) const noexcept { return slots_[id].lane; }
  [[nodiscard]] bool holds(Guard&, std::uint32_t worker, SlotId id) const noexcept {
    return slots_[id].state.load(std::memory_order_acquire) == kLeased + worker;
  }
  // Some holder died with this item: part of it may be done already.
  [[nodiscard]] bool redone(SlotId id) const noexcept { return slots_[id].redone != 0; }

  // The holder died. Returns how many did at this very point of the item.
  std::uint32_t count_death(Guard&, SlotId id) noexcept {
    Slot& slot = slots_[id];
    const std::uint32_t at = slot.at.load(std::memory_order_relaxed);
    slot.deaths = slot.died_at == at ? slot.deaths + 1 : 1;
    slot.died_at = at;
    slot.redone = 1;
    return slot.deaths;
  }
  // The holder died of something else, with this item begun.
  void lose_holder(Guard&, SlotId id) noexcept { slots_[id].redone = 1; }

  // Another item takes the place of the one in this slot, which is done: nobody died of it yet. Call before it is
  // changed.
  void start_over(Guard&, SlotId id) noexcept { forget_past(slots_[id]); }

  // Items that are ready or leased.
  [[nodiscard]] std::uint32_t live(Guard&) const noexcept { return header_->live; }
  [[nodiscard]] std::uint32_t ready(Guard&) const noexcept { return header_->ready_count; }
  [[nodiscard]] std::uint32_t capacity() const noexcept { return capacity_; }

  // Calls visit(SlotId, item) for every slot that is not free.
  template <class Visit>
  void for_each(Guard&, Visit visit) {
    for (SlotId id = 0; id < header_->high_water; ++id) {
      if (slots_[id].state.load(std::memory_order_acquire) != kFree) visit(id, slots_[id].item);
    }
  }

  // Calls visit(SlotId, item) for every slot that `worker` holds.
  template <class Visit>
  void for_each_leased(Guard&, std::uint32_t worker, Visit visit) {
    for (SlotId id = 0; id < header_->high_water; ++id) {
      if (slots_[id].state.load(std::memory_order_acquire) == kLeased + worker) visit(id, slots_[id].item);
    }
  }

  // Derives all lists and counts anew from the slots' states.
  void rebuild(Guard& guard) {
    header_->free_head = kNoSlot;
    header_->live = header_->ready_count = 0;
    for (List& list : header_->ready) list = {kNoSlot, kNoSlot};
    for (SlotId id = header_->high_water; id-- > 0;) {
      const std::uint32_t state = slots_[id].state.load(std::memory_order_acquire);
      if (state == kFree) {
        slots_[id].next = header_->free_head;
        header_->free_head = id;
      } else {
        ++header_->live;
        if (state == kReady) link(id, End::kFront);
      }
    }
    guard.wake_all();
  }

  // The same, with the ready items of each lane in the order before(item, item); without it they get any order.
  template <class Before>
  void rebuild(Guard& guard, Before before) {
    rebuild(guard);
    std::vector<SlotId> order;
    for (SlotId id = 0; id < header_->high_water; ++id) {
      if (slots_[id].state.load(std::memory_order_acquire) == kReady) order.push_back(id);
    }
    std::sort(order.begin(), order.end(), [&](SlotId a, SlotId b) { return before(slots_[a].item, slots_[b].item); });
    for (List& list : header_->ready) list = {kNoSlot, kNoSlot};
    for (const SlotId id : order) link(id, End::kBack);
  }

  // Waiting for work: call about_to_wait() under the lock after finding none, let go of the lock, then wait().
  [[nodiscard]] std::uint32_t about_to_wait(Guard&) noexcept {
    ++header_->sleepers;
    return header_->wake_word.load(std::memory_order_relaxed);
  }
  // Sleeps until something was pushed or all is done, or `timeout`. Look again afterwards.
  void wait(std::uint32_t ticket, std::chrono::nanoseconds timeout) {
    os::futex_wait(header_->wake_word, ticket, timeout);
  }
  void woke(Guard&) noexcept {
    if (header_->sleepers > 0) --header_->sleepers;
  }
  [[nodiscard]] std::uint32_t sleepers(Guard&) const noexcept { return header_->sleepers; }
  // Nobody sleeps: for the supervisor, when no worker process is left.
  void forget_sleepers(Guard&) noexcept { header_->sleepers = 0; }

 private:
  SlotId take_free() {
    SlotId id = header_->free_head;
    if (id != kNoSlot) {
      header_->free_head = slots_[id].next;
    } else if (header_->high_water < capacity_) {
      id = header_->high_water++;
    } else {
      return kNoSlot;
    }
    forget_past(slots_[id]);
    ++header_->live;
    return id;
  }

  static void forget_past(Slot& slot) noexcept {
    slot.deaths = slot.died_at = slot.redone = 0;
    slot.at.store(0, std::memory_order_relaxed);
  }

  void unlink_first(unsigned lane) noexcept {
    List& list = header_->ready[lane];
    list.head = slots_[list.head].next;
    if (list.head == kNoSlot) list.tail = kNoSlot;
    --header_->ready_count;
  }

  void link(SlotId id, End end) {
    Slot& slot = slots_[id];
    List& list = header_->ready[slot.lane];
    slot.state.store(kReady, std::memory_order_release);
    ++header_->ready_count;
    if (end == End::kFront || list.head == kNoSlot) {
      slot.next = list.head;
      list.head = id;
      if (list.tail == kNoSlot) list.tail = id;
    } else {
      slot.next = kNoSlot;
      slots_[list.tail].next = id;
      list.tail = id;
    }
  }

  Header* header_;
  Slot* slots_;
  std::uint32_t capacity_;
};

}  // namespace mtask::workers
