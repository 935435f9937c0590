#include "copy/ignore_rules.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include "os/fd_io.hpp"
#include "os/syscall.hpp"

namespace mtask::copy {
namespace {

constexpr off_t kLargest = 16 << 20;  // bytes; no list of patterns is larger

// False with errno 0 where there is no such regular file.
bool read_file(int directory, const char* name, std::string& text) {
  UniqueFd fd(os::retry([&] { return ::openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC); }));
  if (!fd) {
    if (errno == ENOENT || errno == ELOOP || errno == ENXIO) errno = 0;
    return false;
  }
  struct stat status {};
  if (::fstat(fd.get(), &status) == -1) return false;
  if (!S_ISREG(status.st_mode) || status.st_size > kLargest) {
    errno = S_ISREG(status.st_mode) ? EFBIG : 0;
    return false;
  }
  text.resize(static_cast<std::size_t>(status.st_size));
  const ssize_t size = os::read_full(fd.get(), text.data(), text.size());
  text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return size >= 0;
}

}  // namespace

Trouble extend_chain(const Config& config, int directory, std::size_t path_length,
                     std::shared_ptr<const IgnoreChain>& chain) {
  for (const std::string& name : config.ignore_files) {
    std::string text;
    if (!read_file(directory, name.c_str(), text)) {
      if (errno != 0) return Trouble::source("read the ignore file of");
      continue;
    }
    IgnoreFile file = IgnoreFile::parse(text);
    if (!file.empty()) chain = IgnoreChain::extend(std::move(chain), path_length, std::move(file));
  }
  return {};
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
