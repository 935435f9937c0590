#include "os/shared_region.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <utility>

namespace mtask::os {

Result<SharedRegion> SharedRegion::map(std::size_t bytes) {
  void* base = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) {
    return Unexpected(system_error(ErrorKind::kUnavailable, errno, "cannot map memory shared with the workers"));
  }
  return SharedRegion(static_cast<std::byte*>(base), bytes);
}

SharedRegion::SharedRegion(SharedRegion&& other) noexcept
    : base_(std::exchange(other.base_, nullptr)), size_(other.size_), used_(other.used_) {}

SharedRegion::~SharedRegion() {
  if (base_ != nullptr) ::munmap(base_, size_);
}

void* SharedRegion::carve_bytes(std::size_t bytes, std::size_t alignment) {
  const std::size_t align = std::max(alignment, kLine);
  const std::size_t start = (used_ + align - 1) / align * align;
  if (start + bytes > size_) throw std::bad_alloc();
  used_ = start + bytes;
  return base_ + start;
}

}  // namespace mtask::os
