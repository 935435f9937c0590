#include "workers/event_ring.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "os/futex.hpp"
#include "os/syscall.hpp"

namespace mtask::workers {

EventRing::EventRing(os::SharedRegion& region, int wake_fd) : shared_(region.carve<Shared>(1)), wake_fd_(wake_fd) {}

void EventRing::write(std::string_view record, bool urgent) noexcept {
  record = record.substr(0, kCapacity / 4);
  for (;;) {
    const std::uint32_t ticket = shared_->room_word.load(std::memory_order_acquire);
    if (has_room(sizeof(std::uint32_t) + record.size())) break;
    wake_reader();
    os::futex_wait(shared_->room_word, ticket, std::chrono::milliseconds(100));
  }
  append(record, urgent);
}

bool EventRing::try_write(std::string_view record, bool urgent) noexcept {
  record = record.substr(0, kCapacity / 4);
  if (!has_room(sizeof(std::uint32_t) + record.size())) {
    wake_reader();
    return false;
  }
  append(record, urgent);
  return true;
}

bool EventRing::has_room(std::uint64_t need) const noexcept {
  const std::uint64_t written = shared_->written.load(std::memory_order_relaxed);
  return kCapacity - (written - shared_->consumed.load(std::memory_order_acquire)) >= need;
}

void EventRing::append(std::string_view record, bool urgent) noexcept {
  const auto length = static_cast<std::uint32_t>(record.size());
  const std::uint64_t need = sizeof(length) + length;
  const std::uint64_t start = shared_->written.load(std::memory_order_relaxed);
  put(start, &length, sizeof(length));
  put(start + sizeof(length), record.data(), length);
  shared_->written.store(start + need, std::memory_order_release);
  const std::uint64_t filled = start - shared_->consumed.load(std::memory_order_relaxed);
  if (urgent || (filled < kCapacity / 2 && filled + need >= kCapacity / 2)) wake_reader();
}

bool EventRing::read(std::string& record) {
  const std::uint64_t start = shared_->consumed.load(std::memory_order_relaxed);
  if (start == shared_->written.load(std::memory_order_acquire)) return false;
  std::uint32_t length = 0;
  get(start, &length, sizeof(length));
  record.resize(length);
  get(start + sizeof(length), record.data(), length);
  shared_->consumed.store(start + sizeof(length) + length, std::memory_order_release);
  shared_->room_word.fetch_add(1, std::memory_order_release);
  os::futex_wake(shared_->room_word, 1);
  return true;
}

void EventRing::put(std::uint64_t position, const void* data, std::size_t size) noexcept {
  const std::size_t at = position % kCapacity;
  const std::size_t first = std::min(size, kCapacity - at);
  std::memcpy(shared_->bytes + at, data, first);
  std::memcpy(shared_->bytes, static_cast<const std::byte*>(data) + first, size - first);
}

void EventRing::get(std::uint64_t position, void* data, std::size_t size) const noexcept {
  const std::size_t at = position % kCapacity;
  const std::size_t first = std::min(size, kCapacity - at);
  std::memcpy(data, shared_->bytes + at, first);
  std::memcpy(static_cast<std::byte*>(data) + first, shared_->bytes, size - first);
}

void EventRing::wake_reader() const noexcept {
  const std::uint64_t one = 1;
  // A full eventfd counter (EAGAIN) wakes the reader as well.
  static_cast<void>(os::retry([&] { return ::write(wake_fd_, &one, sizeof(one)); }));
}

}  // namespace mtask::workers
