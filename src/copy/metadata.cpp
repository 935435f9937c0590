#include "copy/metadata.hpp"

#include <endian.h>
#include <fcntl.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "os/syscall.hpp"

namespace mtask::copy {
namespace {

constexpr mode_t kPermissions = 07777;
constexpr const char* kAccessAcl = "system.posix_acl_access";
constexpr const char* kDefaultAcl = "system.posix_acl_default";

// Reaches the object of an O_PATH fd, for the calls that refuse such fds. The link is resolved by the kernel to the
// object itself, a symbolic link included; no name is looked up.
std::string through_proc(int fd) { return "/proc/self/fd/" + std::to_string(fd); }

constexpr long kListxattrat = 465;  // since Linux 6.13; the C library's headers are older

bool same_time(const timespec& a, const timespec& b) noexcept { return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec; }

bool is_acl(std::string_view attribute) noexcept { return attribute == kAccessAcl || attribute == kDefaultAcl; }

bool unsupported(int error) noexcept { return error == ENOTSUP || error == EOPNOTSUPP || error == ENOSYS; }

}  // namespace

Metadata::Metadata(RunState& run, Reporter& reporter) : run_(run), reporter_(reporter) {}

bool Metadata::has_default_acl(Handle directory) noexcept {
  return directory.path_only ? ::getxattr(through_proc(directory.fd).c_str(), kDefaultAcl, nullptr, 0) > 0
                             : ::fgetxattr(directory.fd, kDefaultAcl, nullptr, 0) > 0;
}

mode_t Metadata::wanted_mode(const struct stat& status, uid_t user, gid_t group) const noexcept {
  if (!run_.config.preserve.mode) return (S_ISDIR(status.st_mode) ? 0777U : 0666U) & ~run_.mask;
  mode_t mode = status.st_mode & kPermissions;
  if (!S_ISDIR(status.st_mode) && (user != status.st_uid || group != status.st_gid)) mode &= ~mode_t{S_ISUID | S_ISGID};
  return mode;
}

bool Metadata::differs(const struct stat& status, const struct stat& existing) const noexcept {
  const Preserve& preserve = run_.config.preserve;
  const bool may_chown = preserve.ownership && run_.user == 0;
  if (may_chown && (status.st_uid != existing.st_uid || status.st_gid != existing.st_gid)) return true;
  if (preserve.mode && !S_ISLNK(status.st_mode) &&
      wanted_mode(status, existing.st_uid, existing.st_gid) != (existing.st_mode & kPermissions)) {
    return true;
  }
  return preserve.timestamps && !same_time(status.st_mtim, existing.st_mtim);
}

bool Metadata::has_attributes(int directory, const char* name, bool follow) noexcept {
  if (!run_.config.preserve.xattr && !run_.config.preserve.acl) return false;
  if (can_list_at_) {
    const long size = ::syscall(kListxattrat, directory, name, follow ? 0 : AT_SYMLINK_NOFOLLOW, nullptr, 0);
    if (size >= 0) return size > 0;
    if (errno == ENOSYS || errno == EPERM) can_list_at_ = false;  // EPERM: a filter that doesn't know the call
  }
  const std::string path = through_proc(directory) + '/' + name;
  const ssize_t size = follow ? ::listxattr(path.c_str(), nullptr, 0) : ::llistxattr(path.c_str(), nullptr, 0);
  return size > 0 || (size == -1 && !unsupported(errno));
}

Trouble Metadata::set_owner(const struct stat& status, Handle target, uid_t& user, gid_t& group, const Name& name) {
  if (!run_.config.preserve.ownership || (status.st_uid == user && status.st_gid == group)) return {};
  const auto change = [&](uid_t to_user, gid_t to_group) {
    return os::retry([&] { return ::fchownat(target.fd, "", to_user, to_group, AT_EMPTY_PATH); });
  };
  if (run_.user == 0) {
    if (change(status.st_uid, status.st_gid) == 0) {
      user = status.st_uid;
      group = status.st_gid;
      return {};
    }
    if (errno != EPERM && errno != EINVAL && !unsupported(errno)) return Trouble::destination("set the owner of");
    reporter_.warn_once(Warning::kOwner, name.dir, name.entry, "set the owner of", errno);
  }
  // A user may give a file to the groups he is in; more is not expected of him.
  if (status.st_gid != group && change(static_cast<uid_t>(-1), status.st_gid) == 0) group = status.st_gid;
  return {};
}

Trouble Metadata::set_mode(Handle target, mode_t mode, const Name& name) {
  const int result = target.path_only ? ::chmod(through_proc(target.fd).c_str(), mode) : ::fchmod(target.fd, mode);
  if (result == 0) return {};
  if (errno != EPERM && !unsupported(errno)) return Trouble::destination("set the mode of");
  reporter_.warn_once(Warning::kMode, name.dir, name.entry, "set the mode of", errno);
  return {};
}

Trouble Metadata::set_times(const struct stat& status, Handle target, const Name& name) {
  const timespec times[2] = {status.st_atim, status.st_mtim};
  const int result = target.path_only ? ::utimensat(target.fd, "", times, AT_EMPTY_PATH) : ::futimens(target.fd, times);
  if (result == 0) return {};
  if (errno != EPERM && !unsupported(errno)) return Trouble::destination("set the times of");
  reporter_.warn_once(Warning::kTimes, name.dir, name.entry, "set the times of", errno);
  return {};
}

Trouble Metadata::apply(Handle source, const struct stat& status, Handle target, const Fresh& fresh, const Name& name) {
  uid_t user = fresh.user;
  gid_t group = fresh.group;
  const bool link = S_ISLNK(status.st_mode);
  if (Trouble trouble = set_owner(status, target, user, group, name)) return trouble;
  if (run_.user != 0 && !link && fresh.inherits_acl) {  // which may deny its owner
    if (Trouble trouble = set_mode(target, 0700, name)) return trouble;
  }
  Attributes attributes;
  if (Trouble trouble = copy_attributes(source, target, fresh.inherits_acl, name, attributes)) return trouble;
  mode_t mode = wanted_mode(status, user, group);
  // Its directory handed the bit down.
  if (!run_.config.preserve.mode && S_ISDIR(status.st_mode)) mode |= fresh.mode & S_ISGID;
  if (!link && (attributes.acl_lost || !run_.config.preserve.acl)) mode = mode_without_acl(source, mode);
  if (!link && (attributes.acl || fresh.inherits_acl || mode != fresh.mode)) {
    if (Trouble trouble = set_mode(target, mode, name)) return trouble;
  }
  return run_.config.preserve.timestamps ? set_times(status, target, name) : Trouble{};
}

Trouble Metadata::mend(Handle source, const struct stat& status, Handle target, const struct stat& existing,
                       const Name& name, bool& changed) {
  const Preserve& preserve = run_.config.preserve;
  uid_t user = existing.st_uid;
  gid_t group = existing.st_gid;
  changed = false;
  if (Trouble trouble = set_owner(status, target, user, group, name)) return trouble;
  changed = user != existing.st_uid || group != existing.st_gid;
  const bool link = S_ISLNK(status.st_mode);
  mode_t mode = existing.st_mode & kPermissions;
  // A user must be able to read and write to set attributes; changing the mode for nothing would move the change time.
  if (run_.user != 0 && !link && (mode & 0600) != 0600 && !same_attributes(source, target)) {
    if (Trouble trouble = set_mode(target, mode |= 0600, name)) return trouble;
  }
  Attributes attributes;
  if (Trouble trouble = copy_attributes(source, target, true, name, attributes)) {
    if (mode != (existing.st_mode & kPermissions)) {
      static_cast<void>(set_mode(target, existing.st_mode & kPermissions, name));
    }
    return trouble;
  }
  changed = changed || attributes.changed;
  mode_t wanted = preserve.mode ? wanted_mode(status, user, group) : existing.st_mode & kPermissions;
  if (!link && (attributes.acl_lost || !preserve.acl)) wanted = mode_without_acl(source, wanted);
  changed = changed || wanted != (existing.st_mode & kPermissions);
  if (!link && (changed || wanted != mode)) {
    if (Trouble trouble = set_mode(target, wanted, name)) return trouble;
  }
  if (preserve.timestamps && !same_time(status.st_mtim, existing.st_mtim)) {
    changed = true;
    return set_times(status, target, name);
  }
  return {};
}

// --- extended attributes ---------------------------------------------------------------------------------------------

bool Metadata::wanted(std::string_view attribute) const noexcept {
  const Preserve& preserve = run_.config.preserve;
  if (is_acl(attribute)) return preserve.acl;
  if (attribute.starts_with("system.")) return false;  // another view of what the file system keeps itself
  return preserve.xattr;
}

bool Metadata::list(Handle handle, std::vector<std::string>& names) {
  if (buffer_.empty()) buffer_.resize(64 * 1024);  // XATTR_LIST_MAX
  const ssize_t size = handle.path_only ? ::listxattr(through_proc(handle.fd).c_str(), buffer_.data(), buffer_.size())
                                        : ::flistxattr(handle.fd, buffer_.data(), buffer_.size());
  if (size == -1) return unsupported(errno);
  std::string_view all(buffer_.data(), static_cast<std::size_t>(size));
  while (!all.empty()) {
    const std::string_view name = all.substr(0, all.find('\0'));
    if (wanted(name)) names.emplace_back(name);
    all.remove_prefix(name.size() + 1);
  }
  return true;
}

Trouble Metadata::copy_attributes(Handle source, Handle target, bool replace, const Name& name, Attributes& result) {
  const Preserve& preserve = run_.config.preserve;
  if (!preserve.xattr && !preserve.acl) return {};
  std::vector<std::string> names;
  if (!list(source, names)) return Trouble::source("list the attributes of");
  // ACLs last: they may take away the right to set the others.
  std::stable_partition(names.begin(), names.end(), [](const std::string& attribute) { return !is_acl(attribute); });
  if (replace) {
    if (Trouble trouble = remove_others(target, names, result.changed)) return trouble;
  }
  for (const std::string& attribute : names) {
    result.acl = result.acl || attribute == kAccessAcl;
    if (Trouble trouble = copy_attribute(source, target, attribute.c_str(), replace, name, result)) {
      return trouble;
    }
  }
  return {};
}

mode_t Metadata::mode_without_acl(Handle source, mode_t mode) {
  if (!run_.config.preserve.mode || (mode & S_IRWXG) == 0) return mode;
  if (buffer_.empty()) buffer_.resize(64 * 1024);
  const ssize_t size = source.path_only
                           ? ::getxattr(through_proc(source.fd).c_str(), kAccessAcl, buffer_.data(), buffer_.size())
                           : ::fgetxattr(source.fd, kAccessAcl, buffer_.data(), buffer_.size());
  const std::size_t length = size == -1 ? 0 : static_cast<std::size_t>(size);
  posix_acl_xattr_entry entry{};
  for (std::size_t at = sizeof(posix_acl_xattr_header); at + sizeof(entry) <= length; at += sizeof(entry)) {
    std::memcpy(&entry, buffer_.data() + at, sizeof(entry));
    if (le16toh(entry.e_tag) == ACL_GROUP_OBJ) mode &= ~mode_t{S_IRWXG} | (mode_t{le16toh(entry.e_perm)} << 3U);
  }
  return mode;
}

bool Metadata::same_attributes(Handle source, Handle target) {
  const auto read = [this](Handle from, std::vector<std::pair<std::string, std::string>>& all) {
    std::vector<std::string> names;
    if (!list(from, names)) return false;
    std::sort(names.begin(), names.end());
    for (std::string& name : names) {
      const ssize_t size = from.path_only
                               ? ::getxattr(through_proc(from.fd).c_str(), name.c_str(), buffer_.data(), buffer_.size())
                               : ::fgetxattr(from.fd, name.c_str(), buffer_.data(), buffer_.size());
      if (size == -1) return false;
      all.emplace_back(std::move(name), std::string(buffer_.data(), static_cast<std::size_t>(size)));
    }
    return true;
  };
  std::vector<std::pair<std::string, std::string>> ours;
  std::vector<std::pair<std::string, std::string>> theirs;
  return read(source, ours) && read(target, theirs) && ours == theirs;
}

Trouble Metadata::remove_others(Handle target, const std::vector<std::string>& wanted, bool& changed) {
  std::vector<std::string> old;
  if (!list(target, old)) return Trouble::destination("list the attributes of");
  for (const std::string& attribute : old) {
    if (std::find(wanted.begin(), wanted.end(), attribute) != wanted.end()) continue;
    const int result = target.path_only ? ::removexattr(through_proc(target.fd).c_str(), attribute.c_str())
                                        : ::fremovexattr(target.fd, attribute.c_str());
    changed = changed || result == 0;
    // What a label system puts on every file can't be taken off; that is its matter.
    if (result == -1 && errno != ENODATA && errno != EPERM && errno != EACCES && !unsupported(errno)) {
      return Trouble::destination("remove an attribute of");
    }
  }
  return {};
}

Trouble Metadata::copy_attribute(Handle source, Handle target, const char* attribute, bool compare, const Name& name,
                                 Attributes& result) {
  const auto get = [attribute](Handle from, std::vector<char>& value) {
    return from.path_only ? ::getxattr(through_proc(from.fd).c_str(), attribute, value.data(), value.size())
                          : ::fgetxattr(from.fd, attribute, value.data(), value.size());
  };
  const ssize_t size = get(source, buffer_);
  if (size == -1) {
    if (errno == ENODATA) return {};  // taken off meanwhile
    return Trouble::source("read an attribute of");
  }
  const auto length = static_cast<std::size_t>(size);
  if (compare) {
    second_.resize(buffer_.size());
    if (get(target, second_) == size && std::equal(buffer_.begin(), buffer_.begin() + size, second_.begin())) return {};
  }
  const int set = target.path_only ? ::setxattr(through_proc(target.fd).c_str(), attribute, buffer_.data(), length, 0)
                                   : ::fsetxattr(target.fd, attribute, buffer_.data(), length, 0);
  if (set == 0) {
    result.changed = true;
    return {};
  }
  const bool too_large = errno == ENOSPC || errno == EDQUOT || errno == E2BIG || errno == ERANGE;
  if (errno != EPERM && errno != EACCES && !too_large && !unsupported(errno)) {
    return Trouble::destination("set an attribute of");
  }
  const bool acl = is_acl(attribute);
  result.acl_lost = result.acl_lost || attribute == std::string_view(kAccessAcl);
  reporter_.warn_once(acl ? Warning::kAcl : Warning::kXattr, name.dir, name.entry,
                      acl ? "set the ACL of" : "set attribute " + std::string(attribute) + " of", errno);
  return {};
}

}  // namespace mtask::copy
