#include "gen/writer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cmath>

#include "base/json.hpp"
#include "base/text.hpp"
#include "gen/number.hpp"
#include "mtask/io.hpp"

namespace mtask::gen {
namespace {

// "-5" with width 4 is "-005".
void append_padded(std::string_view number, std::uint64_t width, std::string& out) {
  const bool sign = number.starts_with('-');
  if (sign) out += '-';
  if (number.size() < width) out.append(static_cast<std::size_t>(width - number.size()), '0');
  out += number.substr(sign ? 1 : 0);
}

void append_json_field(const Batch& batch, std::size_t index, std::size_t field, std::string& out) {
  std::string text;
  batch.append_field(index, field, text);
  if (!batch.is_number(index, field)) {
    append_json_string(out, text);
  } else if (text.find_first_not_of("-+.0123456789eE") == std::string::npos) {
    out += text;
  } else {
    out += "null";  // JSON has neither nan nor inf
  }
}

}  // namespace

Result<Writer> Writer::create(int fd, const Format& format, bool live, StopToken stop) {
  Writer writer(fd, format, live, stop);
  // A wider pipe means fewer turns between writer and reader. Where it is refused, or no pipe, nothing is lost.
  constexpr int kPipeBytes = 256 * 1024;
  const int width = ::fcntl(fd, F_GETPIPE_SZ);
  if (!live && width > 0 && width < kPipeBytes) static_cast<void>(::fcntl(fd, F_SETPIPE_SZ, kPipeBytes));
  if (format.format) {
    auto parsed = ValueFormat::parse_either(*format.format);
    if (!parsed) {
      return Unexpected(usage_error("--format " + quote(*format.format) + " " + std::move(parsed).error().context));
    }
    writer.template_ = std::move(*parsed);
  }
  return writer;
}

Writer::Writer(int fd, const Format& format, bool live, StopToken stop)
    : fd_(fd),
      live_(live),
      stop_(stop),
      format_(format),
      plain_(format.separator.size() == 1 && !format.separator_between && !format.format && !format.pad),
      progression_(format.separator.empty() ? '\n' : format.separator.front()) {}

Result<void> Writer::add(Batch& batch) {
  if (reader_left_) return {};
  if (plain_ && batch.kind() != Batch::Kind::kRows) {
    add_numbers(batch);
    values_ += batch.size();
  } else if (plain_ && !format_.json) {
    add_rows(batch);
    values_ += batch.size();
  } else {
    for (std::size_t i = 0; i < batch.size(); ++i, ++values_) {
      if (auto added = add_value(batch, i); !added) return added;
    }
  }
  return {};
}

void Writer::add_numbers(Batch& batch) {
  const char end = format_.separator.front();
  if (batch.kind() == Batch::Kind::kProgression) {
    progression_.append(batch.progression(), batch.scale(), buffer_);
    return;
  }
  if (batch.kind() == Batch::Kind::kExact) {
    const auto numbers = batch.exact();
    char* at = buffer_.room(numbers.size() * (kDecimalRoom + 1));
    for (const std::int64_t number : numbers) {
      at = write_decimal(number, batch.scale(), at);
      *at++ = end;
    }
    buffer_.advance(at);
    return;
  }
  for (const double number : batch.reals()) {
    value_.clear();
    if (format_.json && !std::isfinite(number)) {
      value_ = "null";
    } else {
      append_real(number, value_);
    }
    value_ += end;
    buffer_.append(value_);
  }
}

void Writer::add_rows(const Batch& batch) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const std::size_t fields = batch.field_count(i);
    for (std::size_t field = 0; field < fields; ++field) {
      if (field > 0) buffer_.append(format_.field_separator);
      buffer_.append(batch.row_field(i, field));
    }
    buffer_.append(format_.separator.front());
  }
}

void Writer::add_json(const Batch& batch, std::size_t index) {
  const std::size_t fields = batch.field_count(index);
  if (fields != 1) value_ += '[';
  for (std::size_t field = 0; field < fields; ++field) {
    if (field > 0) value_ += ',';
    append_json_field(batch, index, field, value_);
  }
  if (fields != 1) value_ += ']';
}

Result<void> Writer::add_value(const Batch& batch, std::size_t index) {
  value_.clear();
  if (template_) {
    Result<void> added = template_->append(batch, index, values_, format_.field_separator, value_);
    if (!added) {
      added.error().context = "--format: " + added.error().context;
      return added;
    }
    if (format_.json) {
      std::string text;
      append_json_string(text, value_);
      value_ = std::move(text);
    }
  } else if (format_.json) {
    add_json(batch, index);
  } else if (format_.pad) {
    std::string field;
    for (std::size_t i = 0; i < batch.field_count(index); ++i) {
      if (i > 0) value_ += format_.field_separator;
      field.clear();
      batch.append_field(index, i, field);
      if (batch.is_number(index, i) || is_plain_number(field)) {
        append_padded(field, format_.width, value_);
      } else {
        value_ += field;
      }
    }
  } else {
    batch.append_value(index, format_.field_separator, value_);
  }
  if (format_.separator_between && values_ > 0) buffer_.append(format_.separator);
  buffer_.append(value_);
  if (!format_.separator_between) buffer_.append(format_.separator);
  return {};
}

void Writer::finish() {
  if (format_.separator_between && values_ > 0) buffer_.append('\n');
}

task<Result<void>> Writer::flush() {
  std::string_view left = buffer_.view();
  while (!left.empty() && !reader_left_) {
    std::size_t most = left.size();
    if (live_) {
      // A pipe that is ready takes this much without making us wait.
      most = std::min<std::size_t>(most, PIPE_BUF);
      co_await writable(fd_);
    }
    const ssize_t written = ::write(fd_, left.data(), most);
    const bool interrupted = written < 0 ? errno == EINTR : static_cast<std::size_t>(written) < most;
    if (interrupted && stop_.stop_requested()) break;
    if (written > 0) {
      left.remove_prefix(static_cast<std::size_t>(written));
      bytes_ += static_cast<std::uint64_t>(written);
    } else if (written < 0 && errno == EPIPE) {
      reader_left_ = true;
    } else if (written < 0 && errno == EAGAIN) {
      co_await writable(fd_);
    } else if (written == 0 || errno != EINTR) {
      co_return Unexpected(
          system_error(ErrorKind::kUnavailable, written == 0 ? EIO : errno, "cannot write to standard output"));
    }
  }
  buffer_.clear();
  co_return Result<void>();
}

}  // namespace mtask::gen
