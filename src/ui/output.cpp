#include "ui/output.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <utility>

#include "base/text.hpp"

namespace mtask::ui {
namespace {

constexpr auto kLongestWait = std::chrono::milliseconds(100);
constexpr std::size_t kFullBuffer = std::size_t{64} << 10U;

Unexpected cannot_write(ErrorKind kind, int code, const std::string& path) {
  return Unexpected(system_error(kind, code, "cannot write " + quote(path)));
}

// The file a chain of symbolic links ends at, so that a rename replaces it and not the link.
std::string resolved(const std::string& path) {
  char* real = ::realpath(path.c_str(), nullptr);
  if (real == nullptr) return path;
  std::string result = real;
  std::free(real);  // NOLINT: realpath allocates with malloc
  return result;
}

struct Temporary {
  int fd = -1;
  std::string path;
};

Temporary create_temporary(const std::string& path) {
  for (int attempt = 0; attempt < 100; ++attempt) {
    std::string name = path + ".mtask-" + std::to_string(::getpid()) + "-" + std::to_string(attempt) + ".tmp";
    const int fd = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0666);
    if (fd >= 0 || errno != EEXIST) return {fd, std::move(name)};
  }
  return {};
}

}  // namespace

int write_all(int fd, std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (written == 0) {
      return EIO;
    } else if (errno == EAGAIN) {
      pollfd ready{fd, POLLOUT, 0};
      if (::poll(&ready, 1, -1) < 0 && errno != EINTR) return errno;
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

void LineWriter::line(std::string_view text) {
  if (failure_) return;
  waiting_.append(text) += '\n';
  if (waiting_.size() >= kFullBuffer) {
    static_cast<void>(flush());  // remembered in failure_
  } else {
    beat();
  }
}

void LineWriter::beat() {
  if (!waiting_.empty() && std::chrono::steady_clock::now() - last_write_ >= kLongestWait) {
    static_cast<void>(flush());  // remembered in failure_
  }
}

Result<void> LineWriter::flush() {
  if (!failure_ && !waiting_.empty()) {
    if (before_write_) before_write_();
    const int code = write_all(fd_, waiting_);
    waiting_.clear();
    last_write_ = std::chrono::steady_clock::now();
    if (code != 0) {
      failure_ = system_error(ErrorKind::kItem, code, "cannot write to " + what_);
      if (on_failure_) on_failure_(*failure_);
    }
  }
  if (failure_) return Unexpected(*failure_);
  return {};
}

Result<void> check_writable(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) return cannot_write(ErrorKind::kUsage, EISDIR, path);
    if (!S_ISREG(status.st_mode)) return {};
  } else if (errno != ENOENT) {
    return cannot_write(ErrorKind::kUsage, errno, path);
  }
  const Temporary made = create_temporary(resolved(path));
  if (made.fd < 0) return cannot_write(ErrorKind::kUsage, errno, path);
  ::close(made.fd);
  ::unlink(made.path.c_str());
  return {};
}

Result<NewFile> NewFile::create(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) return cannot_write(ErrorKind::kItem, errno, path);
    return NewFile(fd, path, "");
  }
  std::string target = resolved(path);
  Temporary made = create_temporary(target);
  if (made.fd < 0) return cannot_write(ErrorKind::kItem, errno, path);
  return NewFile(made.fd, std::move(target), std::move(made.path));
}

NewFile::NewFile(NewFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      path_(std::move(other.path_)),
      temporary_(std::move(other.temporary_)),
      buffer_(std::move(other.buffer_)),
      error_(other.error_) {}

NewFile::~NewFile() {
  if (fd_ < 0) return;
  ::close(fd_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void NewFile::flush() {
  if (error_ == 0) error_ = write_all(fd_, buffer_);
  buffer_.clear();
}

void NewFile::write(std::string_view bytes) {
  buffer_.append(bytes);
  if (buffer_.size() >= kFullBuffer) flush();
}

Result<void> NewFile::commit() {
  flush();
  // A closed descriptor is gone, EINTR or not; other failures of close tell of lost bytes (NFS, quota).
  if (::close(std::exchange(fd_, -1)) != 0 && errno != EINTR && error_ == 0) error_ = errno;
  if (error_ == 0 && !temporary_.empty() && ::rename(temporary_.c_str(), path_.c_str()) != 0) error_ = errno;
  if (error_ == 0) return {};
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  return cannot_write(ErrorKind::kItem, error_, path_);
}

}  // namespace mtask::ui
