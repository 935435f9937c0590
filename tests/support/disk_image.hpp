#pragma once
// File systems of a test's own: made in a sparse file in memory, mounted through a loop device.
//
// They cannot outlive the test process: it mounts them in a mount namespace of its own and unlinks the image once it
// is mounted, so the kernel takes off the mount, the loop device and the space with the last process of the test.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "support/temp_dir.hpp"

namespace mtask::test {

class DiskImage {
 public:
  // `type`: "ext4", "xfs", "btrfs" or "tmpfs". `bytes`: xfs and btrfs take no less than about 300 MiB; other sizes
  // hold for ext4 from 2 MiB on. nullptr where there is no root, loop device, mkfs or file system; `why` then says
  // which in one line.
  [[nodiscard]] static std::unique_ptr<DiskImage> make(const std::string& type, std::uint64_t bytes, std::string& why);
  ~DiskImage();
  DiskImage(const DiskImage&) = delete;
  DiskImage& operator=(const DiskImage&) = delete;

  // The root directory of the file system: empty (no lost+found), owned by root, mode 0755.
  [[nodiscard]] const std::filesystem::path& path() const { return mount_point_; }
  [[nodiscard]] std::filesystem::path operator/(const std::filesystem::path& name) const { return mount_point_ / name; }
  void remount_read_only();

 private:
  DiskImage() = default;
  TempDir directory_;
  std::filesystem::path mount_point_;
};

}  // namespace mtask::test
