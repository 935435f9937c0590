#include "support/disk_image.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "support/command.hpp"
#include "support/environment.hpp"

namespace mtask::test {
namespace {

// Once a process; false where the system does not let us.
bool own_mount_namespace() {
  static const bool done =
      ::unshare(CLONE_NEWNS) == 0 && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  return done;
}

std::filesystem::path image_directory(std::uint64_t bytes) {
  struct statfs fs {};
  if (::statfs("/dev/shm", &fs) == 0 && ::access("/dev/shm", W_OK) == 0) {
    if (static_cast<std::uint64_t>(fs.f_bavail) * static_cast<std::uint64_t>(fs.f_bsize) > bytes / 2) return "/dev/shm";
  }
  return temp_root();
}

std::vector<std::string> mkfs_command(const std::string& type, const std::string& image) {
  if (type == "ext4") return {"mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", image};
  if (type == "xfs") return {"mkfs.xfs", "-q", "-f", image};
  return {"mkfs.btrfs", "-q", "-f", "-m", "single", image};
}

// One line of why it failed, empty when it did not.
std::string run_step(std::vector<std::string> argv) {
  Command command;
  command.argv = std::move(argv);
  command.env["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  const Outcome outcome = run(command);
  return outcome.code() == 0 ? "" : command.argv[0] + " failed: " + outcome.err.substr(0, outcome.err.find('\n'));
}

std::string mount_image(const std::string& type, std::uint64_t bytes, const std::string& mount_point) {
  const TempDir holder(image_directory(bytes));
  const std::string image = holder / "image";
  const int fd = ::open(image.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return "cannot make " + image;
  const bool sized = ::ftruncate(fd, static_cast<off_t>(bytes)) == 0;
  ::close(fd);
  if (!sized) return "cannot size " + image;
  const std::string failure = run_step(mkfs_command(type, image));
  if (!failure.empty()) return failure;
  return run_step({"mount", "-t", type, "-o", "loop", image, mount_point});
}

}  // namespace

std::unique_ptr<DiskImage> DiskImage::make(const std::string& type, std::uint64_t bytes, std::string& why) {
  if (!is_root()) return why = "mounting needs root", nullptr;
  if (type != "tmpfs" && !has_command("mkfs." + type)) return why = "no mkfs." + type + " here", nullptr;
  if (!own_mount_namespace()) return why = "no mount namespace of its own to be had", nullptr;

  std::unique_ptr<DiskImage> image(new DiskImage);
  image->mount_point_ = image->directory_ / type;
  std::filesystem::create_directory(image->mount_point_);
  const std::string mount_point = image->mount_point_;
  if (type == "tmpfs") {
    const std::string options = "size=" + std::to_string(bytes) + ",mode=755";
    if (::mount("tmpfs", mount_point.c_str(), "tmpfs", 0, options.c_str()) != 0) why = "cannot mount a tmpfs";
  } else {
    why = mount_image(type, bytes, mount_point);
  }
  if (!why.empty()) return nullptr;
  ::rmdir((mount_point + "/lost+found").c_str());
  ::chmod(mount_point.c_str(), 0755);
  return image;
}

DiskImage::~DiskImage() {
  if (!mount_point_.empty()) (void)::umount2(mount_point_.c_str(), MNT_DETACH);
}

void DiskImage::remount_read_only() {
  if (::mount(nullptr, mount_point_.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) != 0) {
    throw std::runtime_error(std::string("cannot remount read-only: ") + std::strerror(errno));
  }
}

}  // namespace mtask::test
