#pragma once
// Which task waits for which descriptor.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "mtask/io.hpp"
#include "os/poller.hpp"

namespace mtask::detail {

// A descriptor stays registered in the poller after a wait, unwatched, so that waiting again is one system call.
// Numbers are used again after a close; what is registered for a former use of one, which a dup() keeps alive, is known
// by its generation.
class fd_table {
 public:
  static constexpr std::uint64_t kNoFd = UINT64_MAX;  // a key that is none of the table's
  explicit fd_table(os::Poller& poller) noexcept : poller_(&poller) {}

  // False when it needs no watching: always ready, or broken.
  [[nodiscard]] bool watch(fd_awaiter& wait);
  void unwatch(const fd_awaiter& wait) noexcept;
  void ready(const os::Poller::Ready& report);
  [[nodiscard]] std::size_t waits() const noexcept { return waits_; }

 private:
  struct entry {
    fd_awaiter* reader = nullptr;
    fd_awaiter* writer = nullptr;
    std::uint32_t generation = 0;
    bool registered = false;
  };
  [[nodiscard]] static std::uint64_t key(int fd, std::uint32_t generation) noexcept {
    return std::uint64_t{static_cast<std::uint32_t>(fd)} << 32 | generation;
  }
  os::Poller* poller_;
  std::vector<entry> entries_;  // by descriptor
  std::size_t waits_ = 0;
};

}  // namespace mtask::detail
