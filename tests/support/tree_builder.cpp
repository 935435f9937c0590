#include "support/tree_builder.hpp"

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <functional>

#include "support/tree_parts.hpp"

namespace mtask::test {
namespace {

std::uint64_t hash(std::string_view text) {
  std::uint64_t value = 0xCBF29CE484222325U;  // FNV-1a
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  return value;
}

void stamp_below(int directory) {
  for (const std::string& name : names_in(directory)) {
    struct stat st {};
    if (::fstatat(directory, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) fail_with_errno("fstatat " + name);
    if (S_ISDIR(st.st_mode)) stamp_below(open_at(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
    const std::uint64_t value = hash(name);
    timespec stamp{static_cast<time_t>(1'000'000'000 + value % 600'000'000), static_cast<long>(value % 999'999'937)};
    if (name.rfind("time-", 0) == 0) stamp.tv_sec = std::atoll(name.c_str() + 5);
    const timespec both[2] = {{stamp.tv_sec + 5, stamp.tv_nsec}, stamp};
    if (::utimensat(directory, name.c_str(), both, AT_SYMLINK_NOFOLLOW) != 0) fail_with_errno("utimensat " + name);
  }
}

}  // namespace

bool tree::Site::made(int result, const std::string& what) const {
  if (result == 0) return true;
  if (errno != EOPNOTSUPP && errno != ENAMETOOLONG && errno != ENOSPC && errno != E2BIG) fail_with_errno(what);
  left_out.push_back(what);
  return false;
}

Fd tree::make_directory(int parent, const std::string& name, mode_t mode) {
  if (::mkdirat(parent, name.c_str(), mode) != 0) fail_with_errno("mkdir " + name);
  return open_at(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

std::vector<std::string> build_tree(const std::filesystem::path& root, const TreeOptions& options) {
  std::vector<std::string> left_out;
  const Fd top = open_directory(root);
  const auto part = [&](const std::string& name, const std::function<void(const tree::Site&)>& fill) {
    const Fd directory = tree::make_directory(top, name);
    fill(tree::Site{directory.get(), options.privileged, left_out});
  };
  part("contents", tree::contents);
  part("sparse", [&](const tree::Site& site) {
    tree::sparse(site);
    if (options.big_file) tree::big_file(site);
  });
  part("links", tree::links);
  part("modes", tree::modes);
  part("attributes", tree::attributes);
  part("special", tree::specials);
  part("names", tree::names);
  part("times", tree::times);
  part("flat", [&](const tree::Site& site) { tree::flat(site, options.flat_files); });
  part("deep", [&](const tree::Site& site) { tree::deep(site, options.depth); });
  part("empty", [](const tree::Site& site) { (void)tree::make_directory(site.directory, "inside"); });
  if (options.privileged) part("owners", tree::owners);
  stamp_times(root);
  return left_out;
}

void stamp_times(const std::filesystem::path& root) { stamp_below(open_directory(root)); }

}  // namespace mtask::test
