#include "support/versions.hpp"

#include <unistd.h>

#include "support/file_contents.hpp"
#include "support/files.hpp"
#include "support/tree_builder.hpp"

namespace mtask::test {
namespace {

constexpr off_t kMiB = 1 << 20;

void make_huge(const std::filesystem::path& path, unsigned version) {
  const Fd fd = open_at(AT_FDCWD, path, O_WRONLY | O_CREAT, 0644);
  const off_t size = 280 * kMiB + static_cast<off_t>(version);
  if (::ftruncate(fd, size) != 0) fail_with_errno("ftruncate");
  for (off_t at = 0; at < size - 8 * kMiB; at += 30 * kMiB) {
    write_at(fd, pattern(static_cast<std::size_t>(4 * kMiB), version + static_cast<std::uint64_t>(at)), at);
  }
}

bool same_time(const struct stat& a, const struct stat& b) {
  return a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

bool is_whole(const std::filesystem::path& file, const std::filesystem::path& original, bool with_metadata) {
  if (!entry_exists(original)) return false;
  const struct stat here = stat_of(file);
  const struct stat there = stat_of(original);
  if ((here.st_mode & S_IFMT) != (there.st_mode & S_IFMT)) return false;
  if (S_ISDIR(here.st_mode)) return true;
  if (S_ISLNK(here.st_mode)) return std::filesystem::read_symlink(file) == std::filesystem::read_symlink(original);
  if (with_metadata && (here.st_mode != there.st_mode || !same_time(here, there))) return false;
  if (!S_ISREG(here.st_mode)) return true;
  if (here.st_size != there.st_size) return false;
  const Fd a = open_at(AT_FDCWD, file, O_RDONLY | O_NOFOLLOW);
  const Fd b = open_at(AT_FDCWD, original, O_RDONLY | O_NOFOLLOW);
  return content_difference(a, b, here.st_size).empty();
}

std::string broken(const std::filesystem::path& copy, const std::vector<std::filesystem::path>& versions,
                   bool with_metadata) {
  if (!entry_exists(copy)) return "";
  std::string found;
  for (const std::string& name : paths_below(copy)) {
    if (name.substr(name.rfind('/') + 1).rfind(".mtask-", 0) == 0) continue;
    bool whole = false;
    for (const auto& version : versions) whole = whole || is_whole(copy / name, version / name, with_metadata);
    if (!whole) found += name + "\n";
  }
  return found;
}

}  // namespace

void make_version(const std::filesystem::path& root, unsigned version, const VersionOptions& options) {
  std::filesystem::create_directory(root);
  const std::string mark = "version " + std::to_string(version) + "\n";
  for (unsigned d = 0; d < options.directories; ++d) {
    const auto directory = root / ("directory-" + std::to_string(d));
    std::filesystem::create_directory(directory);
    for (unsigned f = 0; f < options.files_each; ++f) {
      const unsigned size = (d * 7919 + f * 104'729) % 40'000 >> (f % 8);
      write_file(directory / ("file-" + std::to_string(f)), mark + pattern(size + version, d + f + version), 0640);
    }
    std::filesystem::create_hard_link(directory / "file-0", root / ("link-" + std::to_string(d)));
    std::filesystem::create_symlink("target", directory / "symlink");
  }
  for (unsigned i = 0; i < options.large; ++i) {
    const std::size_t size = static_cast<std::size_t>(kMiB) * (1 + i % 3) + i + version;
    write_file(root / ("large-" + std::to_string(i)), pattern(size, i + 100 * version), 0604);
  }
  if (options.huge) make_huge(root / "huge", version);
  // Each name has its own time, and each version a second's shift.
  stamp_times(root);
  for (const std::string& name : paths_below(root)) {
    timespec time = stat_of(root / name).st_mtim;
    if (time.tv_sec % 100 == static_cast<time_t>(version)) continue;  // the second name of a hard link
    time.tv_sec += static_cast<time_t>(version) - time.tv_sec % 100;
    set_mtime(root / name, time);
  }
}

std::string torn(const std::filesystem::path& copy, const std::vector<std::filesystem::path>& versions) {
  return broken(copy, versions, true);
}

std::string torn_content(const std::filesystem::path& copy, const std::vector<std::filesystem::path>& versions) {
  return broken(copy, versions, false);
}

}  // namespace mtask::test
