#pragma once
// A queue between processes that fork from the one that made it: first in, first out, and never more than `capacity`
// items in it.
//
//   mtask::shared_queue<std::string> names(100);
//   … fork …
//   producer:  names.push("a"); …  names.close();
//   consumer:  while (auto name = names.pop().value()) use(*name);
//
// The end: close() says that nothing will be pushed any more. A consumer gets what is left, then nothing, and only when
// nothing can come; it never has to guess from a queue that is empty at the moment. Where several processes push, the
// one that waits for them closes; so it also ends well when a producer is killed.
//
// What is promised when a process is killed, at any instant (kill -9):
//   push, try_push   the item is in the queue as a whole, or not at all
//   pop              at most once: the item leaves the queue as it is handed over; its taker's death loses it
//   lease            at least once: the item stays until done(); when its holder ends, or drops it, another one gets it
//   the others       go on: the queue puts itself in order, and what is in it keeps its order
// A leased item whose holder ended goes to the front. That is noticed by the next consumer which finds nothing else, or
// waits (within 100 ms). While an item is leased, a consumer of a closed queue waits, as the item may come back.
//
// The holder's end is seen by a lock (a robust futex) that the kernel opens with the death of the thread that leased; a
// reused process number, or a parent that doesn't reap, changes nothing. exec counts as an end.
//
// T: what codec.hpp carries. Memory: `capacity` times `max_item_bytes` are mapped, and used as items need it.
// Thread-safety: none within a process; in each, use it from one thread. Blocking calls go on after signals.
// Lifetime: until the last process that has it ends. Errors are Results, but for the constructor's.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "mtask/codec.hpp"
#include "mtask/result.hpp"

namespace mtask {

namespace workers {
class ByteQueue;
}

namespace detail {

// Which item a process has leased.
struct queue_lease {
  std::uint32_t slot;
  std::uint32_t tries;
  std::uint64_t sequence;
  int process;
};

// shared_queue without its type.
class queue_core {
 public:
  queue_core(std::size_t capacity, std::size_t max_item_bytes);
  ~queue_core();

  [[nodiscard]] Result<bool> push(std::span<const std::byte> item, bool wait);
  [[nodiscard]] Result<bool> pop(std::vector<std::byte>& item);
  [[nodiscard]] Result<std::optional<queue_lease>> lease(std::vector<std::byte>& item);
  [[nodiscard]] Result<void> done(const queue_lease& lease);
  void give_back(const queue_lease& lease);
  void close();
  [[nodiscard]] bool closed() const;

 private:
  std::unique_ptr<workers::ByteQueue> queue_;
};

}  // namespace detail

template <class T>
class shared_queue {
  static_assert(encodable<T>, "T cannot be carried to another process: see mtask/codec.hpp");

 public:
  using value_type = T;
  static constexpr std::size_t kMostBytes = most_bytes<T>(std::size_t{64} * 1024);

  // `max_item_bytes`: the most that an item may take once encoded (a string: its size and 8). Throws std::system_error
  // when the memory can't be had, std::invalid_argument when a number is 0 or beyond all memory.
  explicit shared_queue(std::size_t capacity, std::size_t max_item_bytes = kMostBytes)
      : core_(std::make_shared<detail::queue_core>(capacity, max_item_bytes)) {}
  shared_queue(shared_queue&&) noexcept = default;
  shared_queue& operator=(shared_queue&&) noexcept = default;
  ~shared_queue() = default;

  // Waits while the queue is full. Fails when the queue is closed (kUnavailable), also while it waits, and when the
  // item is too large (kItem).
  [[nodiscard]] Result<void> push(const T& item) {
    auto pushed = core_->push(encode(item), true);
    if (!pushed) return Unexpected(std::move(pushed).error());
    return {};
  }
  // The same without waiting; false: it is full.
  [[nodiscard]] Result<bool> try_push(const T& item) { return core_->push(encode(item), false); }

  // Takes the oldest item, waiting for one; nothing: closed, and all is taken. Fails (kUsage) while this process has an
  // item leased.
  [[nodiscard]] Result<std::optional<T>> pop() {
    auto popped = core_->pop(buffer_);
    if (!popped) return Unexpected(std::move(popped).error());
    if (!*popped) return std::optional<T>();
    return std::optional<T>(decoder(buffer_).value<T>());
  }

  // An item in this process's hands. Dropped before done(), or by the end of the process, it is ready again. In a
  // process forked meanwhile it is a copy without a say.
  class leased {
   public:
    leased(leased&& other) noexcept
        : core_(std::move(other.core_)), lease_(other.lease_), value_(std::move(other.value_)) {}
    leased& operator=(leased&& other) noexcept {
      std::swap(core_, other.core_);
      std::swap(lease_, other.lease_);
      std::swap(value_, other.value_);
      return *this;
    }
    ~leased() {
      if (core_) core_->give_back(lease_);
    }

    [[nodiscard]] const T& operator*() const noexcept { return value_; }
    [[nodiscard]] const T* operator->() const noexcept { return &value_; }
    // How often it was leased, this time included: above 1 it may have been worked on before.
    [[nodiscard]] unsigned tries() const noexcept { return lease_.tries; }

    // The item leaves the queue. Fails (kUsage) a second time, and in any process but the one that leased it.
    [[nodiscard]] Result<void> done() {
      if (!core_) return Unexpected(usage_error("the item is done already"));
      return std::exchange(core_, nullptr)->done(lease_);
    }

   private:
    friend class shared_queue;
    leased(std::shared_ptr<detail::queue_core> core, detail::queue_lease lease, T value)
        : core_(std::move(core)), lease_(lease), value_(std::move(value)) {}
    std::shared_ptr<detail::queue_core> core_;  // none: done or moved from
    detail::queue_lease lease_;
    T value_;
  };

  // As pop(), but the item stays in the queue until it is done. One at a time in each process.
  [[nodiscard]] Result<std::optional<leased>> lease() {
    auto held = core_->lease(buffer_);
    if (!held) return Unexpected(std::move(held).error());
    if (!*held) return std::optional<leased>();
    try {
      return std::optional<leased>(leased(core_, **held, decoder(buffer_).value<T>()));
    } catch (...) {
      core_->give_back(**held);
      throw;
    }
  }

  // Nothing more may be pushed, by any process. Closing twice is no error.
  void close() { core_->close(); }
  [[nodiscard]] bool closed() const { return core_->closed(); }

 private:
  std::span<const std::byte> encode(const T& item) {
    buffer_.clear();
    encoder(buffer_).value(item);
    return buffer_;
  }

  std::shared_ptr<detail::queue_core> core_;
  std::vector<std::byte> buffer_;
};

}  // namespace mtask
