#include "pool/capture.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "os/fd_io.hpp"
#include "os/syscall.hpp"

namespace mtask::pool {
namespace {

constexpr int kWidePipe = 1 << 20;

}  // namespace

Result<void> CapturedStream::open(int standard) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) == -1) {
    return Unexpected(system_error(ErrorKind::kUnavailable, errno, "cannot create a pipe"));
  }
  read_end_.reset(ends[0]);
  const UniqueFd write_end(ends[1]);
  // Only this end: the job's must block when the pipe is full.
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  if (os::retry([&] { return ::dup2(write_end.get(), standard); }) == -1) {
    return Unexpected(system_error(ErrorKind::kUnavailable, errno, "cannot set up a pipe"));
  }
  return {};
}

void CapturedStream::begin(std::string path, bool always) {
  path_ = std::move(path);
  always_ = always;
  memory_.clear();
  if (memory_.capacity() > 4 * kMemory) memory_.shrink_to_fit();
  file_.reset();
  bytes_ = 0;
  error_ = 0;
  if (always_) open_file();
}

void CapturedStream::open_file() {
  constexpr int kFlags = O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW;
  const mode_t mode = always_ ? 0666 : 0600;
  file_.reset(os::retry([&] { return ::open(path_.c_str(), kFlags, mode); }));
  if (!file_ && errno == ENOENT && always_) {
    std::error_code error;
    std::filesystem::create_directories(std::filesystem::path(path_).parent_path(), error);
    file_.reset(os::retry([&] { return ::open(path_.c_str(), kFlags, mode); }));
  }
  if (!file_) error_ = errno;
}

void CapturedStream::flush() {
  if (error_ == 0 && !file_) open_file();
  if (error_ == 0 && os::write_full(file_.get(), memory_.data(), memory_.size()) == -1) error_ = errno;
  memory_.clear();
}

bool CapturedStream::take(std::string* text) {
  static std::array<char, kMemory> buffer;
  const ssize_t count = os::retry([&] { return ::read(read_end_.get(), buffer.data(), buffer.size()); });
  if (count <= 0) return false;
  const std::string_view bytes(buffer.data(), static_cast<std::size_t>(count));
  if (text != nullptr) {
    text->append(bytes);
    bytes_ += bytes.size();
    if (always_) memory_.append(bytes), flush();
  } else {
    append(bytes);
  }
  return true;
}

void CapturedStream::append(std::string_view bytes) {
  bytes_ += bytes.size();
  memory_.append(bytes);
  if (memory_.size() >= kMemory) flush();
}

bool CapturedStream::finish(bool spill) {
  if (file_ || error_ != 0 || spill) flush();
  const bool in_file = static_cast<bool>(file_);
  if (auto closed = file_.close(); !closed && error_ == 0) error_ = closed.error().code.value();
  return in_file;
}

void CapturedStream::widen() noexcept { ::fcntl(read_end_.get(), F_SETPIPE_SZ, kWidePipe); }

UniqueFd CapturedStream::take_file() {
  if (!memory_.empty()) flush();
  if (!file_) return {};
  ::unlink(path_.c_str());
  ::lseek(file_.get(), 0, SEEK_SET);
  return std::move(file_);
}

}  // namespace mtask::pool
