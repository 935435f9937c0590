#pragma once
// A bounded queue of byte strings between forked processes: what mtask/shared_queue.hpp makes typed.
//
// Who may use it: any process that was forked after it was made, each from one thread. Only the lock's holder touches
// anything shared; killed inside, it leaves the queue to be rebuilt by the next one, in order (by sequence numbers).
// Items that a dead process had leased are found by its Holders number, by whoever finds nothing else to do.

#include <sys/types.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "mtask/result.hpp"
#include "mtask/shared_queue.hpp"
#include "os/shared_region.hpp"
#include "workers/holders.hpp"
#include "workers/shared_queue.hpp"

namespace mtask::workers {

class ByteQueue {
 public:
  using Bytes = std::span<const std::byte>;

  // At most `capacity` items, leased ones among them, of at most `max_item_bytes` each; both at least 1. Throws
  // std::system_error or std::invalid_argument.
  ByteQueue(std::size_t capacity, std::size_t max_item_bytes);
  ~ByteQueue();
  ByteQueue(const ByteQueue&) = delete;
  ByteQueue& operator=(const ByteQueue&) = delete;

  // Waits for room if `wait`; false: there is none. Errors: closed, or too large.
  [[nodiscard]] Result<bool> push(Bytes item, bool wait);

  // Takes the oldest item away, waiting for one; false: closed, and nothing will come any more.
  [[nodiscard]] Result<bool> pop(std::vector<std::byte>& item);

  using Lease = detail::queue_lease;
  // The same, but the item stays in the queue, out of others' sight, until it is done or given back.
  [[nodiscard]] Result<std::optional<Lease>> lease(std::vector<std::byte>& item);
  [[nodiscard]] Result<void> done(const Lease& lease);
  void give_back(const Lease& lease);

  void close();
  [[nodiscard]] bool closed();

  // All that is shared.
  [[nodiscard]] std::span<const std::byte> memory() const noexcept { return region_.used(); }

 private:
  struct Item {
    std::uint64_t sequence;
    std::uint64_t size;
    std::uint32_t tries;
  };
  using Queue = SharedQueue<Item>;
  struct Shared {
    std::atomic<std::uint64_t> next_sequence;
    std::atomic<std::uint32_t> closed;
    std::atomic<std::uint32_t> room_word;  // moves on whenever a slot became free
    std::uint32_t room_sleepers;
  };
  class Access;

  [[nodiscard]] std::byte* bytes(SlotId slot) const noexcept { return bytes_ + slot * stride_; }
  void copy(SlotId slot, std::vector<std::byte>& to);
  [[nodiscard]] Result<void> check_no_lease() const;
  [[nodiscard]] bool waits_in_vain(Access& access);
  [[nodiscard]] bool recover(Access& access);
  void requeue_leases_of(Access& access, std::uint32_t number);
  [[nodiscard]] std::optional<std::uint32_t> number_here(Access& access);
  [[nodiscard]] bool holds(Access& access, const Lease& lease);
  // Calls take(access) until it gives true, sleeping in between; false: nothing will come any more.
  template <class Take>
  bool wait_for_item(Take take);

  std::size_t max_item_bytes_;
  std::size_t stride_;
  os::SharedRegion region_;
  Queue queue_;
  Holders holders_;
  Shared* shared_;
  std::byte* bytes_;

  // Of the process that has a number; a forked child finds that it is another's.
  struct Self {
    pid_t process = 0;
    std::uint32_t number = 0;
    bool leases = false;
  };
  Self self_;
};

}  // namespace mtask::workers
