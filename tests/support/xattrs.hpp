#pragma once
// Extended attributes by directory descriptor and name, never through a symbolic link, and the raw values behind ACLs
// and capabilities (the kernel's formats: linux/posix_acl_xattr.h, linux/capability.h), so that no setfacl is needed.

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace mtask::test {

// 0, or -1 with errno.
[[nodiscard]] int set_xattr(int directory, const std::string& name, const std::string& key, const std::string& value);

// All that the caller may see; empty where the file system has none. Throws std::system_error.
[[nodiscard]] std::map<std::string, std::string> xattrs_of(int directory, const std::string& name);

// Permission bits (4 read, 2 write, 1 execute) of owner, named users by number (ascending), group, mask and others.
[[nodiscard]] std::string posix_acl(unsigned owner, const std::vector<std::pair<unsigned, unsigned>>& users,
                                    unsigned group, unsigned mask, unsigned others);

// cap_net_raw=ep
[[nodiscard]] std::string capability_net_raw();

}  // namespace mtask::test
