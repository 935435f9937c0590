// Modes, owners, extended attributes, ACLs, capabilities and what is neither file nor directory.
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cstddef>

#include "support/tree_parts.hpp"
#include "support/xattrs.hpp"

namespace mtask::test::tree {
namespace {

void attribute(const Site& site, const std::string& name, const std::string& key, const std::string& value) {
  site.made(set_xattr(site.directory, name, key, value), key + " on " + name);
}

void owner(const Site& site, const std::string& name, uid_t user, gid_t group) {
  if (::fchownat(site.directory, name.c_str(), user, group, AT_SYMLINK_NOFOLLOW) != 0) fail_with_errno("chown " + name);
}

void mode(const Site& site, const std::string& name, mode_t mode) {
  if (::fchmodat(site.directory, name.c_str(), mode, 0) != 0) fail_with_errno("chmod " + name);
}

void plain_attributes(const Site& site) {
  write_file_at(site.directory, "one", "x");
  attribute(site, "one", "user.one", "value");
  write_file_at(site.directory, "binary", "x");
  attribute(site, "binary", "user.binary", std::string("\0\n\xFF", 3));
  write_file_at(site.directory, "empty-value", "x");
  attribute(site, "empty-value", "user.empty", "");
  write_file_at(site.directory, "large", "x");
  attribute(site, "large", "user.large", pattern(3000, 3));
  write_file_at(site.directory, "many", "x");
  for (int i = 0; i < 40; ++i) attribute(site, "many", "user.key" + std::to_string(i), std::to_string(i * i));
  write_file_at(make_directory(site.directory, "directory"), "plain", "x");
  attribute(site, "directory", "user.on-directory", "yes");
  write_file_at(site.directory, "read-only", "x");
  attribute(site, "read-only", "user.one", "1");
  mode(site, "read-only", 0444);
}

void root_attributes(const Site& site) {
  attribute(site, "one", "trusted.one", "trust");
  attribute(site, "directory", "trusted.directory", "trust");
  if (::symlinkat("nowhere", site.directory, "symlink") != 0) fail_with_errno("symlink");
  attribute(site, "symlink", "trusted.symlink", "trust");
  if (::mknodat(site.directory, "fifo", S_IFIFO | 0600, 0) != 0) fail_with_errno("mkfifo");
  attribute(site, "fifo", "trusted.fifo", "trust");
  write_file_at(site.directory, "capable", pattern(20'000, 9), 0755);
  owner(site, "capable", 1000, 1000);
  attribute(site, "capable", "security.capability", capability_net_raw());
}

void acls(const Site& site) {
  const std::string acl = posix_acl(7, {{1000, 4}, {1001, 6}}, 5, 7, 4);
  write_file_at(site.directory, "acl-file", "x");
  attribute(site, "acl-file", "system.posix_acl_access", acl);
  // Files from before the default ACL have none; files from after it inherit one.
  const Fd directory = make_directory(site.directory, "acl-directory");
  write_file_at(directory, "before", "x", 0640);
  (void)make_directory(directory, "before-directory", 0750);
  if (::mknodat(directory, "before-fifo", S_IFIFO | 0640, 0) != 0) fail_with_errno("mkfifo");
  attribute(site, "acl-directory", "system.posix_acl_access", acl);
  attribute(site, "acl-directory", "system.posix_acl_default", posix_acl(7, {{1002, 7}}, 0, 7, 0));
  const Fd inherits = open_at(directory, "after", O_WRONLY | O_CREAT, 0666);
  (void)make_directory(directory, "after-directory", 0777);
}

}  // namespace

void modes(const Site& site) {
  for (const mode_t bits : {0400U, 0444U, 0600U, 0644U, 0666U, 0755U, 0777U, 01644U, 02755U, 04755U, 06711U}) {
    const std::string octal = std::to_string(bits >> 9U) + std::to_string((bits >> 6U) & 7U) +
                              std::to_string((bits >> 3U) & 7U) + std::to_string(bits & 7U);
    write_file_at(site.directory, "file-" + octal, octal, bits);
    if ((bits & 0500U) != 0500) continue;
    write_file_at(make_directory(site.directory, "directory-" + octal), "inside", octal);
    mode(site, "directory-" + octal, bits);
  }
  (void)make_directory(site.directory, "sticky");
  mode(site, "sticky", 01777);
  const Fd locked = make_directory(site.directory, "read-only");
  write_file_at(locked, "file", "kept", 0400);
  write_file_at(make_directory(locked, "below"), "file", "kept", 0400);
  if (::fchmodat(locked, "below", 0500, 0) != 0) fail_with_errno("chmod");
  mode(site, "read-only", 0500);
  if (!site.privileged) return;
  write_file_at(site.directory, "file-0000", "nobody reads this", 0);
  write_file_at(make_directory(site.directory, "directory-0000"), "file", "nobody gets here", 0);
  mode(site, "directory-0000", 0);
}

void owners(const Site& site) {
  for (const unsigned id : {1U, 1000U, 65534U, 4'000'000'000U}) {
    const std::string name = "file-" + std::to_string(id);
    write_file_at(site.directory, name, name);
    owner(site, name, id, id / 2);
  }
  write_file_at(site.directory, "setuid", "x");
  owner(site, "setuid", 1000, 1001);
  mode(site, "setuid", 06755);
  if (::symlinkat("x", site.directory, "symlink") != 0) fail_with_errno("symlink");
  owner(site, "symlink", 1000, 1001);
  // A setgid directory hands its group and bit on to what is made inside; these have neither.
  const Fd shared = make_directory(site.directory, "setgid");
  write_file_at(shared, "own-group", "x");
  (void)make_directory(shared, "without-bit");
  owner(site, "setgid", 1000, 2000);
  mode(site, "setgid", 02775);
}

void attributes(const Site& site) {
  plain_attributes(site);
  acls(site);
  if (site.privileged) root_attributes(site);
}

void specials(const Site& site) {
  if (::mknodat(site.directory, "fifo", S_IFIFO | 0600, 0) != 0) fail_with_errno("mkfifo");
  mode(site, "fifo", 0622);
  if (::mknodat(site.directory, "socket", S_IFSOCK | 0600, 0) != 0) fail_with_errno("socket");
  mode(site, "socket", 0755);
  if (!site.privileged) return;
  site.made(::mknodat(site.directory, "null", S_IFCHR | 0600, makedev(1, 3)), "character device");
  site.made(::mknodat(site.directory, "block", S_IFBLK | 0640, makedev(259, 70'000)), "block device");
  write_file_at(site.directory, "plain", "x");
}

}  // namespace mtask::test::tree
