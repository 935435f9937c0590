#include "support/manifest.hpp"

#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <utility>

#include "support/file_contents.hpp"
#include "support/files.hpp"
#include "support/xattrs.hpp"

namespace mtask::test {
namespace {

constexpr std::size_t kMost = 500;  // differences told

using Inode = std::pair<dev_t, ino_t>;

class Comparer {
 public:
  explicit Comparer(const CompareOptions& options) : options_(options) {}

  // Entry `name_a` of directory `a` with `name_b` of `b`; `path` is what differences call it.
  void entry(int a, const std::string& name_a, int b, const std::string& name_b, const std::string& path);

  std::vector<std::string> found;

 private:
  struct Pair {
    int a;
    const std::string& name_a;
    int b;
    const std::string& name_b;
    const std::string& path;
  };

  template <class T>
  void same(const std::string& path, const std::string& what, const T& a, const T& b) {
    if (a != b) differs(path, what + ": " + std::to_string(a) + " and " + std::to_string(b));
  }
  void differs(const std::string& path, const std::string& what) {
    // A deep path is told by its end.
    const std::string shown = path.size() > 300 ? "…" + path.substr(path.size() - 300) : path;
    if (found.size() < kMost) found.push_back(shown + ": " + what);
  }
  void metadata(const std::string& path, const struct stat& a, const struct stat& b);
  void attributes(const Pair& pair);
  void link_group(const std::string& path, const struct stat& a, const struct stat& b);
  void directory(const Pair& pair);
  void symlink(const Pair& pair);
  void file(const Pair& pair, const struct stat& a, const struct stat& b);

  CompareOptions options_;
  std::map<Inode, Inode> partner_a_;
  std::map<Inode, Inode> partner_b_;
};

void Comparer::metadata(const std::string& path, const struct stat& a, const struct stat& b) {
  if (options_.modes) same(path, "mode", a.st_mode & 07777U, b.st_mode & 07777U);
  if (options_.owners) {
    same(path, "user", a.st_uid, b.st_uid);
    same(path, "group", a.st_gid, b.st_gid);
  }
  if (options_.times) {
    same(path, "mtime", a.st_mtim.tv_sec, b.st_mtim.tv_sec);
    same(path, "mtime's nanoseconds", a.st_mtim.tv_nsec, b.st_mtim.tv_nsec);
  }
  if (S_ISCHR(a.st_mode) || S_ISBLK(a.st_mode)) same(path, "device", a.st_rdev, b.st_rdev);
}

void Comparer::attributes(const Pair& pair) {
  auto in_a = xattrs_of(pair.a, pair.name_a);
  auto in_b = xattrs_of(pair.b, pair.name_b);
  // Another view of the ACLs, on xfs alone.
  const auto mirror = [](const auto& item) { return item.first.rfind("trusted.SGI_ACL", 0) == 0; };
  std::erase_if(in_a, mirror);
  std::erase_if(in_b, mirror);
  if (!options_.trusted) {
    const auto out_of_reach = [](const auto& item) {
      return item.first.rfind("trusted.", 0) == 0 || item.first.rfind("security.", 0) == 0;
    };
    std::erase_if(in_a, out_of_reach);
    std::erase_if(in_b, out_of_reach);
  }
  for (const auto& [key, value] : in_a) {
    const auto other = in_b.find(key);
    if (other == in_b.end()) {
      differs(pair.path, "attribute " + key + " is missing");
    } else if (other->second != value) {
      differs(pair.path, "attribute " + key + " has another value");
    }
  }
  for (const auto& [key, value] : in_b) {
    if (in_a.count(key) == 0) differs(pair.path, "attribute " + key + " came from nowhere");
  }
}

void Comparer::link_group(const std::string& path, const struct stat& a, const struct stat& b) {
  same(path, "links", a.st_nlink, b.st_nlink);
  if (a.st_nlink == 1 && b.st_nlink == 1) return;
  const Inode inode_a{a.st_dev, a.st_ino};
  const Inode inode_b{b.st_dev, b.st_ino};
  if (partner_a_.emplace(inode_a, inode_b).first->second != inode_b ||
      partner_b_.emplace(inode_b, inode_a).first->second != inode_a) {
    differs(path, "shares its inode with other names");
  }
}

void Comparer::directory(const Pair& pair) {
  const Fd a = open_at(pair.a, pair.name_a, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  const Fd b = open_at(pair.b, pair.name_b, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  const std::vector<std::string> in_a = names_in(a);
  const std::vector<std::string> in_b = names_in(b);
  std::vector<std::string> both;
  std::set_union(in_a.begin(), in_a.end(), in_b.begin(), in_b.end(), std::back_inserter(both));
  for (const std::string& name : both) {
    const std::string path = pair.path + "/" + name;
    if (!std::binary_search(in_b.begin(), in_b.end(), name)) {
      differs(path, "is missing");
    } else if (!std::binary_search(in_a.begin(), in_a.end(), name)) {
      differs(path, "came from nowhere");
    } else {
      entry(a, name, b, name, path);
    }
  }
}

void Comparer::symlink(const Pair& pair) {
  const auto target = [](int directory, const std::string& name) {
    std::string text(4097, '\0');
    const ssize_t size = ::readlinkat(directory, name.c_str(), text.data(), text.size());
    if (size < 0) fail_with_errno("readlink " + name);
    return text.substr(0, static_cast<std::size_t>(size));
  };
  if (target(pair.a, pair.name_a) != target(pair.b, pair.name_b)) differs(pair.path, "points elsewhere");
}

void Comparer::file(const Pair& pair, const struct stat& a, const struct stat& b) {
  same(pair.path, "size", a.st_size, b.st_size);
  if (a.st_size != b.st_size) return;
  const Fd fd_a = open_at(pair.a, pair.name_a, O_RDONLY | O_NOFOLLOW | O_NOATIME);
  const Fd fd_b = open_at(pair.b, pair.name_b, O_RDONLY | O_NOFOLLOW);
  if (const std::string difference = content_difference(fd_a, fd_b, a.st_size); !difference.empty()) {
    differs(pair.path, difference);
  }
  if (!options_.holes) return;
  if (hole_map(fd_a, a.st_size) != hole_map(fd_b, b.st_size)) differs(pair.path, "has its holes elsewhere");
  // Preallocated space reads as a hole; what counts is what is left on the disk.
  if (b.st_blocks * 512 > a.st_blocks * 512 * 5 / 4 + (1 << 20)) {
    differs(pair.path, "takes " + std::to_string(b.st_blocks) + " blocks, not " + std::to_string(a.st_blocks));
  }
}

void Comparer::entry(int a, const std::string& name_a, int b, const std::string& name_b, const std::string& path) {
  if (found.size() >= kMost) return;
  struct stat st_a {};
  struct stat st_b {};
  if (::fstatat(a, name_a.c_str(), &st_a, AT_SYMLINK_NOFOLLOW) != 0)
    return differs(path, "cannot be seen in the first");
  if (::fstatat(b, name_b.c_str(), &st_b, AT_SYMLINK_NOFOLLOW) != 0)
    return differs(path, "cannot be seen in the second");
  if ((st_a.st_mode & S_IFMT) != (st_b.st_mode & S_IFMT)) return differs(path, "is of another type");
  const Pair pair{a, name_a, b, name_b, path};
  if (options_.root || path != ".") {
    metadata(path, st_a, st_b);
    if (options_.xattrs) attributes(pair);
  }
  if (S_ISDIR(st_a.st_mode)) return directory(pair);
  if (options_.links) link_group(path, st_a, st_b);
  if (S_ISLNK(st_a.st_mode)) symlink(pair);
  if (S_ISREG(st_a.st_mode)) file(pair, st_a, st_b);
}

void identify(int directory, const std::string& path, std::vector<std::string>& found) {
  for (const std::string& name : names_in(directory)) {
    struct stat st {};
    if (::fstatat(directory, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) fail_with_errno("fstatat " + name);
    // The depth, not the whole path: it may have tens of thousands of bytes.
    const std::string here = path.size() < 1000 ? path + "/" + name : path;
    if (S_ISDIR(st.st_mode)) {
      identify(open_at(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW), here, found);
    } else {
      found.push_back(here + " " + std::to_string(st.st_ino) + " " + std::to_string(st.st_ctim.tv_sec) + "." +
                      std::to_string(st.st_ctim.tv_nsec));
    }
  }
}

}  // namespace

std::vector<std::string> differences(const std::filesystem::path& a, const std::filesystem::path& b,
                                     const CompareOptions& options) {
  Comparer comparer(options);
  comparer.entry(AT_FDCWD, a, AT_FDCWD, b, ".");
  return comparer.found;
}

std::string compared(const std::filesystem::path& a, const std::filesystem::path& b, const CompareOptions& options) {
  std::vector<std::string> lines = differences(a, b, options);
  if (lines.size() > 40) lines.resize(40);
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

std::vector<std::string> identities(const std::filesystem::path& root) {
  std::vector<std::string> found;
  identify(open_directory(root), "", found);
  std::sort(found.begin(), found.end());
  return found;
}

std::string changed(const std::vector<std::string>& before, const std::vector<std::string>& after) {
  std::vector<std::string> lines;
  std::set_symmetric_difference(before.begin(), before.end(), after.begin(), after.end(), std::back_inserter(lines));
  lines.resize(std::min<std::size_t>(lines.size(), 10));
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

}  // namespace mtask::test
