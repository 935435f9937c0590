#include "cli/text_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "base/text.hpp"
#include "base/unique_fd.hpp"

namespace mtask::cli {

namespace {

Unexpected cannot(const std::string& doing, const std::string& named) {
  return Unexpected(system_error(ErrorKind::kUsage, errno, "cannot " + doing + ' ' + named));
}

Result<std::string> read_all(int fd, const std::string& named) {
  std::string text;
  constexpr std::size_t kPiece = 64UL * 1024;
  const auto buffer = std::make_unique_for_overwrite<char[]>(kPiece);  // more than a small stack holds
  for (;;) {
    const ssize_t count = ::read(fd, buffer.get(), kPiece);
    if (count == 0) return text;
    if (count > 0) {
      text.append(buffer.get(), static_cast<std::size_t>(count));
    } else if (errno == EINTR) {
      // The handlers of stop signals do not restart calls, so that a list typed at a terminal can be left.
      return Unexpected(Error{ErrorKind::kInterrupted, {}, "interrupted while reading " + named});
    } else if (fd == STDIN_FILENO && errno == EBADF) {  // see fill_closed_streams()
      return Unexpected(usage_error("standard input is closed"));
    } else {
      return cannot("read", named);
    }
  }
}

bool is_null_device(const struct stat& status) {
  struct stat null {};
  return S_ISCHR(status.st_mode) && ::stat("/dev/null", &null) == 0 && null.st_rdev == status.st_rdev;
}

}  // namespace

Result<std::string> read_text_file(const std::string& path) {
  if (path == "-") return read_all(STDIN_FILENO, "standard input");
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  return fd ? read_all(fd.get(), quote(path)) : cannot("open", quote(path));
}

Result<std::string> read_regular_file(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
  if (!fd) return cannot("open", quote(path));
  struct stat status {};
  if (::fstat(fd.get(), &status) == -1) return cannot("examine", quote(path));
  if (!S_ISREG(status.st_mode) && !is_null_device(status)) {
    return Unexpected(usage_error("cannot read " + quote(path) + ": it is not a regular file"));
  }
  return read_all(fd.get(), quote(path));
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  while (!text.empty()) {
    const std::size_t end = text.find(separator);
    if (end != 0) pieces.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return pieces;
}

}  // namespace mtask::cli
