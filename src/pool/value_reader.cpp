#include "pool/value_reader.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/text.hpp"
#include "os/syscall.hpp"

namespace mtask::pool {
namespace {

constexpr std::size_t kReadSize = 128UL * 1024;

bool may_block(const struct stat& status, int fd) {
  return S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode) || (S_ISCHR(status.st_mode) && ::isatty(fd) == 1);
}

bool is_blank_text(std::string_view text) { return std::all_of(text.begin(), text.end(), is_blank); }

}  // namespace

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string_view trimmed(std::string_view value, Inputs::Trim trim) {
  if (trim == Inputs::Trim::kLeft || trim == Inputs::Trim::kBoth) {
    while (!value.empty() && is_blank(value.front())) value.remove_prefix(1);
  }
  if (trim == Inputs::Trim::kRight || trim == Inputs::Trim::kBoth) {
    while (!value.empty() && is_blank(value.back())) value.remove_suffix(1);
  }
  return value;
}

Result<ValueReader> ValueReader::open(InputSource source, const ValueFormat& format, int standard_input) {
  ValueReader reader(std::move(source), format);
  if (reader.source_.kind == InputSource::Kind::kArguments) {
    for (const std::string& value : reader.source_.values) {
      if (Result<void> fine = reader.refuse_nul(value); !fine) return Unexpected(std::move(fine).error());
    }
    return reader;
  }
  if (Result<void> opened = reader.open_file(standard_input); !opened) return Unexpected(std::move(opened).error());
  return reader;
}

Result<void> ValueReader::open_file(int standard_input) {
  if (source_.kind == InputSource::Kind::kStandardInput || source_.path == "-") {
    source_.kind = InputSource::Kind::kStandardInput;
    fd_ = standard_input;
  } else {
    owned_.reset(os::retry([&] { return ::open(source_.path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY); }));
    if (!owned_) return Unexpected(system_error(ErrorKind::kUnavailable, errno, "cannot open " + name()));
    fd_ = owned_.get();
  }
  struct stat status {};
  if (::fstat(fd_, &status) == -1)
    return Unexpected(system_error(ErrorKind::kUnavailable, errno, "cannot read " + name()));
  if (S_ISDIR(status.st_mode))
    return Unexpected(system_error(ErrorKind::kUnavailable, EISDIR, "cannot read " + name()));
  pollable_ = may_block(status, fd_);
  return {};
}

std::string ValueReader::name() const {
  return source_.kind == InputSource::Kind::kStandardInput ? "standard input" : quote(source_.path);
}

Result<void> ValueReader::refuse_nul(std::string_view value) const {
  if (value.find('\0') == std::string_view::npos) return {};
  const std::string where = source_.kind == InputSource::Kind::kArguments ? "the arguments" : name();
  return Unexpected(Error{ErrorKind::kUnavailable,
                          {},
                          "a value in " + where +
                              " holds a NUL byte, which no argument can; is NUL the delimiter (--null)? The value is " +
                              quote(value.substr(0, 80))});
}

Result<void> ValueReader::fill() {
  if (at_end_ || fd_ == -1) return {};
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    searched_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() - end_ < kReadSize) buffer_.resize(std::max(2 * buffer_.size(), end_ + kReadSize));
  for (;;) {
    const ssize_t count = os::retry([&] { return ::read(fd_, buffer_.data() + end_, buffer_.size() - end_); });
    if (count >= 0) {
      end_ += static_cast<std::size_t>(count);
      if (count == 0) {
        at_end_ = true;
        pollable_ = false;
      }
      return {};
    }
    if (errno != EAGAIN) return Unexpected(system_error(ErrorKind::kUnavailable, errno, "cannot read " + name()));
    pollfd waited{fd_, POLLIN, 0};  // somebody made it non-blocking
    if (os::retry([&] { return ::poll(&waited, 1, -1); }) == -1)
      return Unexpected(system_error(ErrorKind::kUnavailable, errno, "cannot wait for " + name()));
  }
}

Result<Step> ValueReader::next_raw(std::string& value) {
  if (source_.kind == InputSource::Kind::kArguments) {
    if (index_ == source_.values.size()) return Step::kEnd;
    value = std::move(source_.values[index_++]);
    return Step::kGot;
  }
  for (;;) {
    const char* const start = buffer_.data() + searched_;
    if (const void* found = searched_ == end_ ? nullptr : std::memchr(start, format_.delimiter, end_ - searched_);
        found != nullptr) {
      const auto at = static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.data());
      value.assign(buffer_, begin_, at - begin_);
      begin_ = searched_ = at + 1;
      break;
    }
    searched_ = end_;
    if (at_end_) {
      if (begin_ == end_) return Step::kEnd;
      value.assign(buffer_, begin_, end_ - begin_);
      begin_ = end_;
      break;
    }
    if (pollable_) return Step::kWait;
    if (Result<void> filled = fill(); !filled) return Unexpected(std::move(filled).error());
  }
  if (format_.delimiter != '\0') {
    if (Result<void> fine = refuse_nul(value); !fine) return Unexpected(std::move(fine).error());
  }
  return Step::kGot;
}

Result<Step> ValueReader::next(std::string& value) {
  for (;;) {
    Result<Step> step = ended_ ? Result<Step>(Step::kEnd) : next_raw(value);
    if (!step || *step == Step::kWait) return step;
    if (*step == Step::kGot && format_.end && value == *format_.end) {
      ended_ = true;
      step = Step::kEnd;
    }
    if (*step == Step::kEnd) {
      ended_ = true;
      pollable_ = false;
      if (!continued_) return Step::kEnd;
      value = *std::exchange(continued_, std::nullopt);
      return Step::kGot;
    }
    if (continued_) value.insert(0, *std::exchange(continued_, std::nullopt));
    if (format_.skip_blank && is_blank_text(value)) continue;
    if (!format_.continue_lines || value.empty() || !is_blank(value.back())) return Step::kGot;
    continued_ = value;
  }
}

std::optional<std::uint64_t> ValueReader::count() const {
  if (source_.kind != InputSource::Kind::kArguments || format_.continue_lines) return std::nullopt;
  const auto first = source_.values.begin() + static_cast<std::ptrdiff_t>(index_);
  const auto last = format_.end ? std::find(first, source_.values.end(), *format_.end) : source_.values.end();
  const auto given = [&](const std::string& value) { return !format_.skip_blank || !is_blank_text(value); };
  return static_cast<std::uint64_t>(std::count_if(first, last, given));
}

}  // namespace mtask::pool
