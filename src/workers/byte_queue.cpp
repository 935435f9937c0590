#include "workers/byte_queue.hpp"

#include <unistd.h>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

#include "os/futex.hpp"

namespace mtask::workers {
namespace {

// Longest sleep without a look: a wake-up may die with the process it was meant for, and the dead call nobody.
constexpr std::chrono::milliseconds kLook{100};

std::size_t region_size(std::size_t capacity, std::size_t stride, std::size_t own) {
  constexpr std::size_t kMost = std::numeric_limits<std::ptrdiff_t>::max() / 2;
  if (capacity == 0 || capacity >= kNoSlot || stride == 0 || stride > kMost / capacity) {
    throw std::invalid_argument("no shared queue has " + std::to_string(capacity) + " items of " +
                                std::to_string(stride) + " bytes");
  }
  return own + os::SharedRegion::room<std::byte>(capacity * stride);
}

os::SharedRegion map(std::size_t size) {
  auto region = os::SharedRegion::map(size);
  if (!region) throw std::system_error(region.error().code, region.error().context);
  return *std::move(region);
}

// Wakes at its end.
struct LateWake {
  std::atomic<std::uint32_t>* word = nullptr;
  int count = 0;
  LateWake() = default;
  LateWake(const LateWake&) = delete;
  LateWake& operator=(const LateWake&) = delete;
  ~LateWake() {
    if (word != nullptr) os::futex_wake(*word, count);
  }
};

}  // namespace

// The lock, held and in order. Bases end in reverse: it lets go of the lock, then wakes who waits for room.
class ByteQueue::Access : private LateWake, public Queue::Guard {
 public:
  explicit Access(ByteQueue& queue) : Guard(queue.queue_), shared_(*queue.shared_) {
    if (intact()) return;
    queue.queue_.rebuild(*this, [](const Item& a, const Item& b) { return a.sequence < b.sequence; });
    count = INT32_MAX;
  }
  ~Access() {
    if (count == 0 || shared_.room_sleepers == 0) return;
    shared_.room_word.fetch_add(1, std::memory_order_relaxed);
    word = &shared_.room_word;
  }
  Access(const Access&) = delete;
  Access& operator=(const Access&) = delete;

  void wake_pusher() noexcept { count = std::max(count, 1); }
  void wake_everybody() noexcept {
    count = INT32_MAX;
    wake_all();
  }

 private:
  Shared& shared_;
};

ByteQueue::ByteQueue(std::size_t capacity, std::size_t max_item_bytes)
    : max_item_bytes_(max_item_bytes),
      stride_((max_item_bytes + 7) / 8 * 8),
      region_(map(region_size(
          capacity, stride_,
          Queue::room(static_cast<std::uint32_t>(capacity)) + Holders::room() + os::SharedRegion::room<Shared>(1)))),
      queue_(region_, static_cast<std::uint32_t>(capacity)),
      holders_(region_),
      shared_(region_.carve<Shared>(1)),
      bytes_(region_.carve<std::byte>(capacity * stride_)) {}

ByteQueue::~ByteQueue() {
  if (self_.process != ::getpid()) return;
  Access access(*this);
  requeue_leases_of(access, self_.number);
  holders_.leave(self_.number);
}

Result<bool> ByteQueue::push(Bytes item, bool wait) {
  if (item.size() > max_item_bytes_) {
    return Unexpected(Error{ErrorKind::kItem,
                            {},
                            "an item of " + std::to_string(item.size()) + " bytes, where " +
                                std::to_string(max_item_bytes_) + " are the most, cannot be queued"});
  }
  for (bool slept = false;;) {
    std::uint32_t ticket = 0;
    {
      Access access(*this);
      if (std::exchange(slept, false) && shared_->room_sleepers > 0) --shared_->room_sleepers;
      if (shared_->closed != 0) return Unexpected(Error{ErrorKind::kUnavailable, {}, "the queue is closed"});
      const Item entry{shared_->next_sequence.fetch_add(1, std::memory_order_relaxed), item.size(), 0};
      const auto fill = [&](SlotId slot) { std::copy(item.begin(), item.end(), bytes(slot)); };
      if (queue_.push_filled(access, entry, fill)) return true;
      if (!wait) return false;
      ++shared_->room_sleepers;
      ticket = shared_->room_word.load(std::memory_order_relaxed);
      slept = true;
    }
    os::futex_wait(shared_->room_word, ticket, kLook);
  }
}

template <class Take>
bool ByteQueue::wait_for_item(Take take) {
  for (bool slept = false;;) {
    std::uint32_t ticket = 0;
    {
      Access access(*this);
      if (std::exchange(slept, false)) queue_.woke(access);
      if (take(access)) return true;
      if (recover(access)) continue;
      if (waits_in_vain(access)) return false;
      ticket = queue_.about_to_wait(access);
      slept = true;
    }
    queue_.wait(ticket, kLook);
  }
}

void ByteQueue::copy(SlotId slot, std::vector<std::byte>& to) {
  to.assign(bytes(slot), bytes(slot) + queue_.item(slot).size);
}

// With nothing ready, all items that are left are leased, and may come back.
bool ByteQueue::waits_in_vain(Access& access) { return shared_->closed != 0 && queue_.live(access) == 0; }

Result<bool> ByteQueue::pop(std::vector<std::byte>& item) {
  if (auto allowed = check_no_lease(); !allowed) return Unexpected(std::move(allowed).error());
  return wait_for_item([&](Access& access) {
    if (!queue_.pop(access, [&](SlotId slot, const Item&) { copy(slot, item); })) return false;
    access.wake_pusher();
    if (waits_in_vain(access)) access.wake_everybody();
    return true;
  });
}

Result<std::optional<ByteQueue::Lease>> ByteQueue::lease(std::vector<std::byte>& item) {
  if (auto allowed = check_no_lease(); !allowed) return Unexpected(std::move(allowed).error());
  std::optional<Lease> leased;
  bool too_many = false;
  wait_for_item([&](Access& access) {
    const auto number = number_here(access);
    if (!number) return too_many = true;
    const auto slot = queue_.first(access);
    if (!slot) return false;
    copy(*slot, item);
    Item& entry = queue_.item(*slot);
    leased = Lease{*slot, ++entry.tries, entry.sequence, self_.process};
    static_cast<void>(queue_.lease(access, *number));
    return self_.leases = true;
  });
  if (too_many) return Unexpected(Error{ErrorKind::kUnavailable, {}, "too many processes hold items of the queue"});
  return leased;
}

Result<void> ByteQueue::done(const Lease& lease) {
  Access access(*this);
  if (!holds(access, lease)) return Unexpected(usage_error("the item is not leased by this process"));
  self_.leases = false;
  queue_.discard(access, lease.slot);
  access.wake_pusher();
  if (waits_in_vain(access)) access.wake_everybody();
  return {};
}

void ByteQueue::give_back(const Lease& lease) {
  Access access(*this);
  if (!holds(access, lease)) return;
  self_.leases = false;
  queue_.requeue(access, lease.slot);
}

void ByteQueue::close() {
  Access access(*this);
  shared_->closed = 1;
  access.wake_everybody();
}

bool ByteQueue::closed() { return shared_->closed != 0; }

// Two that each held an item and waited for another's would wait for good.
Result<void> ByteQueue::check_no_lease() const {
  if (!self_.leases || self_.process != ::getpid()) return {};
  return Unexpected(usage_error("this process holds an item of the queue already"));
}

bool ByteQueue::holds(Access& access, const Lease& lease) {
  return lease.process == ::getpid() && self_.process == lease.process && self_.leases &&
         queue_.holds(access, self_.number, lease.slot) && queue_.item(lease.slot).sequence == lease.sequence;
}

// Dead holders' items become ready again; true when there were any.
bool ByteQueue::recover(Access& access) {
  const std::uint32_t leased = queue_.live(access);
  if (leased == 0) return false;
  const bool joined = self_.process == ::getpid();
  bool found = false;
  holders_.bury_dead(joined ? std::optional(self_.number) : std::nullopt, [&](std::uint32_t number) {
    found = true;
    requeue_leases_of(access, number);
  });
  return found;
}

void ByteQueue::requeue_leases_of(Access& access, std::uint32_t number) {
  std::vector<SlotId> slots;
  queue_.for_each_leased(access, number, [&](SlotId slot, const Item&) { slots.push_back(slot); });
  for (const SlotId slot : slots) queue_.requeue(access, slot);
}

std::optional<std::uint32_t> ByteQueue::number_here(Access& access) {
  const pid_t process = ::getpid();
  if (self_.process == process) return self_.number;
  const auto number = holders_.join([&](std::uint32_t dead) { requeue_leases_of(access, dead); });
  if (number) self_ = {process, *number, false};
  return number;
}

}  // namespace mtask::workers
