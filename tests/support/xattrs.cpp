#include "support/xattrs.hpp"

#include <sys/xattr.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "support/files.hpp"

namespace mtask::test {
namespace {

// A path of bounded length to an entry of any depth.
std::string short_path(int directory, const std::string& name) {
  return directory == AT_FDCWD ? name : "/proc/self/fd/" + std::to_string(directory) + "/" + name;
}

void append(std::string& bytes, std::uint32_t value, unsigned width) {
  for (unsigned i = 0; i < width; ++i) bytes.push_back(static_cast<char>((value >> (8 * i)) & 0xFFU));
}

void append_entry(std::string& bytes, std::uint32_t tag, std::uint32_t permissions, std::uint32_t id = UINT32_MAX) {
  append(bytes, tag, 2);
  append(bytes, permissions, 2);
  append(bytes, id, 4);
}

}  // namespace

int set_xattr(int directory, const std::string& name, const std::string& key, const std::string& value) {
  return ::lsetxattr(short_path(directory, name).c_str(), key.c_str(), value.data(), value.size(), 0);
}

std::map<std::string, std::string> xattrs_of(int directory, const std::string& name) {
  const std::string path = short_path(directory, name);
  char buffer[65536];  // the most there can be, of names and of one value
  const ssize_t size = ::llistxattr(path.c_str(), buffer, sizeof buffer);
  if (size < 0 && errno == EOPNOTSUPP) return {};
  if (size < 0) fail_with_errno("llistxattr " + name);
  const std::string keys(buffer, static_cast<std::size_t>(size));
  std::map<std::string, std::string> found;
  for (std::size_t at = 0; at < keys.size(); at += std::strlen(keys.c_str() + at) + 1) {
    const std::string key = keys.c_str() + at;
    const ssize_t length = ::lgetxattr(path.c_str(), key.c_str(), buffer, sizeof buffer);
    if (length < 0) fail_with_errno("lgetxattr " + key + " of " + name);
    found[key] = std::string(buffer, static_cast<std::size_t>(length));
  }
  return found;
}

std::string posix_acl(unsigned owner, const std::vector<std::pair<unsigned, unsigned>>& users, unsigned group,
                      unsigned mask, unsigned others) {
  std::string bytes;
  append(bytes, 2, 4);  // the format's version
  append_entry(bytes, 0x01, owner);
  for (const auto& [id, permissions] : users) append_entry(bytes, 0x02, permissions, id);
  append_entry(bytes, 0x04, group);
  append_entry(bytes, 0x10, mask);
  append_entry(bytes, 0x20, others);
  return bytes;
}

std::string capability_net_raw() {
  std::string bytes;
  append(bytes, 0x02000001, 4);  // revision 2, effective
  append(bytes, 1U << 13U, 4);   // permitted: CAP_NET_RAW
  append(bytes, 0, 4);
  append(bytes, 0, 4);
  append(bytes, 0, 4);
  return bytes;
}

}  // namespace mtask::test
