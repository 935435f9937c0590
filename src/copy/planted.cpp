// Rights go with contents: what somebody else may have put in a file's place must not get the source's owner, set-id
// bits or capabilities with the contents it has. Such a file is written anew.

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "copy/worker.hpp"
#include "os/syscall.hpp"

namespace mtask::copy {
namespace {

constexpr mode_t kSetId = S_ISUID | S_ISGID;

ssize_t capability_size(int directory, const char* name, bool follow) {
  const std::string path = "/proc/self/fd/" + std::to_string(directory) + '/' + name;
  constexpr const char* kCapability = "security.capability";
  return follow ? ::getxattr(path.c_str(), kCapability, nullptr, 0)
                : ::lgetxattr(path.c_str(), kCapability, nullptr, 0);
}

}  // namespace

bool Worker::gains_capability(const Entry& entry) const {
  if (!config_.preserve.xattr || (entry.status.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == 0) return false;
  if (capability_size(entry.in->source, entry.name, config_.dereference) <= 0) return false;
  return capability_size(entry.in->destination, entry.destination_name, false) == -1 && errno == ENODATA;
}

// Where a new file couldn't keep them either, writing it would gain nothing, on every run again.
bool Worker::rights_can_be_kept(const Entry& entry, uid_t user, gid_t group, mode_t setid) {
  if (config_.dry_run) return true;
  const Rights wanted{entry.existing.st_dev, user, group, setid};
  if (wanted == probed_) return probed_kept_;
  Temporary probe;
  mode_t mode = 0;
  struct stat status {};
  if (placement_.make(entry.in->destination, 0600, false, probe, mode)) return true;  // the copy will say what is wrong
  const int fd = probe.fd();
  const bool given = os::retry([&] { return ::fchown(fd, user, group); }) == 0 && ::fchmod(fd, 0600 | setid) == 0;
  probed_ = wanted;
  probed_kept_ = given && ::fstat(fd, &status) == 0 && status.st_uid == user && status.st_gid == group &&
                 (status.st_mode & kSetId) == setid;
  return probed_kept_;
}

bool Worker::may_be_planted(const Entry& entry) {
  const struct stat& from = entry.status;
  const struct stat& to = entry.existing;
  if (run_.user != 0 || !S_ISREG(from.st_mode)) return false;
  if (gains_capability(entry)) return true;
  const bool give = config_.preserve.ownership;
  const uid_t user = give ? from.st_uid : to.st_uid;
  const gid_t group = give ? from.st_gid : to.st_gid;
  const mode_t setid = config_.preserve.mode ? metadata_.wanted_mode(from, user, group) & kSetId : 0;
  const bool gains = user != to.st_uid || (setid & ~to.st_mode) != 0 || (setid != 0 && group != to.st_gid);
  return gains && rights_can_be_kept(entry, user, group, setid);
}

}  // namespace mtask::copy
