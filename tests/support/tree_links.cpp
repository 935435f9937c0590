// Symbolic links and groups of hard links.
#include <sys/sysmacros.h>
#include <unistd.h>

#include "support/tree_parts.hpp"

namespace mtask::test::tree {
namespace {

void symlink_to(const Site& site, const std::string& target, const std::string& name) {
  site.made(::symlinkat(target.c_str(), site.directory, name.c_str()), "symlink " + name);
}

// "x/../x/../…" of exactly `size` bytes.
std::string long_target(std::size_t size) {
  std::string target;
  while (target.size() < size) target += "x/../";
  target.resize(size);
  target.back() = 'x';
  return target;
}

void second_name(int directory, const std::string& name, int other_directory, const std::string& other_name) {
  if (::linkat(directory, name.c_str(), other_directory, other_name.c_str(), 0) != 0) {
    fail_with_errno("linkat " + other_name);
  }
}

void hard_links(const Site& site) {
  // Directories that different workers will hold: the group's names are far apart.
  const Fd a = make_directory(site.directory, "group-a");
  const Fd b = make_directory(site.directory, "group-b");
  const Fd c = make_directory(b, "below");
  write_file_at(a, "first", pattern(70'000, 1));
  second_name(a, "first", b, "second");
  second_name(a, "first", c, "third");
  second_name(a, "first", site.directory, "fourth");
  for (int i = 0; i < 200; ++i) {
    const std::string name = "pair-" + std::to_string(i);
    write_file_at(a, name, pattern(100, static_cast<std::uint64_t>(i)));
    second_name(a, name, b, name);
  }
  if (::symlinkat("nowhere", a, "symlink") != 0) fail_with_errno("symlink");
  second_name(a, "symlink", b, "symlink");
  if (::mknodat(a, "fifo", S_IFIFO | 0640, 0) != 0) fail_with_errno("mkfifo");
  second_name(a, "fifo", c, "fifo");
  if (::mknodat(a, "socket", S_IFSOCK | 0640, 0) != 0) fail_with_errno("socket");
  second_name(a, "socket", c, "socket");
  if (site.privileged && site.made(::mknodat(a, "device", S_IFCHR | 0640, makedev(1, 3)), "device node")) {
    second_name(a, "device", c, "device");
  }
}

}  // namespace

void links(const Site& site) {
  symlink_to(site, "nowhere", "dangling");
  symlink_to(site, "../contents", "to-directory");
  symlink_to(site, "../contents/size-1", "to-file");
  symlink_to(site, "/etc/passwd", "absolute");
  symlink_to(site, "loop-b", "loop-a");
  symlink_to(site, "loop-a", "loop-b");
  symlink_to(site, ".", "to-itself");
  symlink_to(site, "new\nline \xFF\xFE", "odd-target");
  symlink_to(site, long_target(1023), "target-1023");
  symlink_to(site, long_target(4095), "target-4095");
  hard_links(site);
}

}  // namespace mtask::test::tree
