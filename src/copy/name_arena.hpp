#pragma once
// Names in shared memory: small strings that are kept and dropped, in blocks of 16 to 256 bytes.
//
// The caller holds the board's lock for keep() and drop(). A process that dies inside leaks a name at most.

#include <cstdint>
#include <cstring>
#include <string_view>

#include "os/shared_region.hpp"

namespace mtask::copy {

class NameArena {
 public:
  static constexpr std::uint32_t kUnit = 16;
  static constexpr std::uint32_t kFull = UINT32_MAX;

  NameArena(os::SharedRegion& region, std::uint32_t units)
      : header_(region.carve<Header>(1)), bytes_(region.carve<char>(std::size_t{units} * kUnit)), units_(units) {
    header_->used = 1;  // 0 means "no block" in the free lists
  }
  [[nodiscard]] static constexpr std::size_t room(std::uint32_t units) {
    return os::SharedRegion::room<Header>(1) + os::SharedRegion::room<char>(std::size_t{units} * kUnit);
  }

  // `name`: at most 255 bytes. kFull when the arena has no room. The copy is NUL-terminated.
  [[nodiscard]] std::uint32_t keep(std::string_view name) noexcept {
    const std::uint32_t size = units_of(name.size());
    std::uint32_t at = header_->free[size];
    if (at != 0) {
      std::memcpy(&header_->free[size], pointer(at), sizeof(std::uint32_t));
    } else if (header_->used + size <= units_) {
      at = header_->used;
      header_->used += size;
    } else {
      return kFull;
    }
    std::memcpy(pointer(at), name.data(), name.size());
    pointer(at)[name.size()] = '\0';
    return at;
  }
  void drop(std::uint32_t at, std::size_t length) noexcept {
    const std::uint32_t size = units_of(length);
    std::memcpy(pointer(at), &header_->free[size], sizeof(std::uint32_t));
    header_->free[size] = at;
  }
  [[nodiscard]] const char* get(std::uint32_t at) const noexcept { return bytes_ + std::size_t{at} * kUnit; }

  // After a death inside the lock: forgets what is free, which may be torn.
  void rebuild() noexcept { std::memset(header_->free, 0, sizeof(header_->free)); }

 private:
  struct Header {
    std::uint32_t used;      // units ever handed out
    std::uint32_t free[17];  // by units: first free block
  };
  static constexpr std::uint32_t units_of(std::size_t length) noexcept {
    return static_cast<std::uint32_t>((length + kUnit) / kUnit);
  }
  [[nodiscard]] char* pointer(std::uint32_t at) noexcept { return bytes_ + std::size_t{at} * kUnit; }

  Header* header_;
  char* bytes_;
  std::uint32_t units_;
};

}  // namespace mtask::copy
