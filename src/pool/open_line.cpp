#include "pool/open_line.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "os/fd_io.hpp"

namespace mtask::pool {

void OpenLine::append(std::string_view bytes, const std::string& path) {
  text_ += bytes;
  if (text_.size() < kMemory) return;
  if (!file_) {
    path_ = path;
    size_ = 0;
    file_.reset(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  }
  spool();
}

void OpenLine::spool() {
  if (!file_ || text_.empty()) return;
  if (os::pwrite_full(file_.get(), text_.data(), text_.size(), size_) == -1) {
    static_cast<void>(::ftruncate(file_.get(), size_));  // a part of it may be there
    return;
  }
  size_ += static_cast<off_t>(text_.size());
  text_.clear();
}

std::vector<Output> OpenLine::take(Target target) {
  spool();
  std::vector<Output> parts;
  if (file_) {
    Output& whole = parts.emplace_back();
    whole.path = std::exchange(path_, {});
    whole.remove = true;
    file_.reset();
  }
  if (!text_.empty()) parts.emplace_back().bytes = std::exchange(text_, {});
  for (Output& part : parts) part.target = target;
  return parts;
}

void OpenLine::drop() {
  if (file_) ::unlink(path_.c_str());
  file_.reset();
  text_.clear();
}

}  // namespace mtask::pool
