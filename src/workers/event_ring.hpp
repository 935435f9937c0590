#pragma once
// Records that one worker process tells its supervisor: a byte ring in shared memory, one writer and one reader.
//
// A record that the writer did not finish (it was killed) is never seen. When the ring is full the writer waits:
// nothing is dropped. A replaced worker goes on where its predecessor stopped.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "os/shared_region.hpp"

namespace mtask::workers {

class EventRing {
 public:
  static constexpr std::uint32_t kCapacity = 1U << 16;

  // Before the fork. `wake_fd`: an eventfd that the reader watches; written when the ring has become half full. Not
  // owned.
  EventRing(os::SharedRegion& region, int wake_fd);
  [[nodiscard]] static constexpr std::size_t room() { return os::SharedRegion::room<Shared>(1); }

  // Writer: appends a record (at most kCapacity / 4 bytes; longer ones are cut), waiting for room. `urgent`: the reader
  // is woken at once.
  void write(std::string_view record, bool urgent) noexcept;

  // Writer: as write(), but false at once when there is no room; the reader is woken then, too.
  [[nodiscard]] bool try_write(std::string_view record, bool urgent) noexcept;

  // Reader: takes the oldest record; false when there is none.
  [[nodiscard]] bool read(std::string& record);

 private:
  struct Shared {
    alignas(64) std::atomic<std::uint64_t> written;   // bytes ever, by the writer
    alignas(64) std::atomic<std::uint64_t> consumed;  // bytes ever, by the reader
    std::atomic<std::uint32_t> room_word;             // moves on whenever the reader made room
    alignas(64) std::byte bytes[kCapacity];
  };
  [[nodiscard]] bool has_room(std::uint64_t need) const noexcept;
  void append(std::string_view record, bool urgent) noexcept;
  void put(std::uint64_t position, const void* data, std::size_t size) noexcept;
  void get(std::uint64_t position, void* data, std::size_t size) const noexcept;
  void wake_reader() const noexcept;

  Shared* shared_;
  int wake_fd_;
};

}  // namespace mtask::workers
