#include "copy/write_errors.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

namespace mtask::copy {
namespace {

// File systems that do nothing when a file is closed. Any other may.
bool closes_safely(int fd) noexcept {
  struct statfs info {};
  if (::fstatfs(fd, &info) != 0) return false;
  constexpr long kMagics[] = {EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC,   BTRFS_SUPER_MAGIC, TMPFS_MAGIC, RAMFS_MAGIC,
                              F2FS_SUPER_MAGIC, MSDOS_SUPER_MAGIC, EXFAT_SUPER_MAGIC, 0x2FC12FC1 /* zfs */};
  return std::find(std::begin(kMagics), std::end(kMagics), static_cast<long>(info.f_type)) != std::end(kMagics);
}

}  // namespace

Trouble WriteErrors::check(int fd, dev_t device) {
  if (device != 0 && device == safe_device_) return {};
  if (closes_safely(fd)) {
    safe_device_ = device;
    return {};
  }
  // The kernel flushes on the close of any descriptor, so that a duplicate tells.
  const int duplicate = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (duplicate == -1 || ::close(duplicate) == 0 || errno == EINTR) return {};
  return Trouble::destination("write");
}

}  // namespace mtask::copy
