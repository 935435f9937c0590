#include "cli/text_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "base/text.hpp"
#include "base/unique_fd.hpp"

namespace mtask::cli {

Result<std::string> read_text_file(const std::string& path) {
  const bool standard_input = path == "-";
  const std::string named = standard_input ? "standard input" : quote(path);
  const UniqueFd opened(standard_input ? -1 : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  const int fd = standard_input ? STDIN_FILENO : opened.get();
  if (fd < 0) return Unexpected(system_error(ErrorKind::kUsage, errno, "cannot open " + named));

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
    } else if (standard_input && errno == EBADF) {  // see fill_closed_streams()
      return Unexpected(usage_error("standard input is closed"));
    } else {
      return Unexpected(system_error(ErrorKind::kUsage, errno, "cannot read " + named));
    }
  }
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
