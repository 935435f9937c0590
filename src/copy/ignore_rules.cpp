#include "copy/ignore_rules.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include "os/fd_io.hpp"
#include "os/syscall.hpp"

namespace mtask::copy {
namespace {

constexpr std::size_t kLargest = 16 << 20;  // bytes; no list of patterns is larger

bool read_file(int directory, const char* name, std::string& text) {
  UniqueFd fd(os::retry([&] { return ::openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC); }));
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) == -1 || !S_ISREG(status.st_mode)) return false;
  text.resize(std::min(static_cast<std::size_t>(status.st_size), kLargest));
  const ssize_t size = os::read_full(fd.get(), text.data(), text.size());
  text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return size >= 0;
}

}  // namespace

std::shared_ptr<const IgnoreChain> extend_chain(const Config& config, int directory, std::size_t path_length,
                                                std::shared_ptr<const IgnoreChain> above) {
  for (const std::string& name : config.ignore_files) {
    std::string text;
    if (directory == -1 || !read_file(directory, name.c_str(), text)) continue;
    IgnoreFile file = IgnoreFile::parse(text);
    if (!file.empty()) above = IgnoreChain::extend(std::move(above), path_length, std::move(file));
  }
  return above;
}

IgnoreRules::Chain IgnoreRules::read(DirId dir, int source, Chain above) {
  return extend_chain(run_.config, source, report_.relative_path(dir, {}).size(), std::move(above));
}

bool IgnoreRules::excluded(std::string_view name, bool is_directory) {
  path_ = prefix_;
  path_ += name;
  return path_excluded(path_, is_directory);
}

bool IgnoreRules::path_excluded(std::string_view path, bool is_directory) const {
  return run_.filters.excluded(path, is_directory) || (chain_ != nullptr && chain_->ignored(path, is_directory));
}

}  // namespace mtask::copy
