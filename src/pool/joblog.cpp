#include "pool/joblog.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>

#include "base/text.hpp"
#include "os/fd_io.hpp"
#include "os/syscall.hpp"
#include "pool/joblog_record.hpp"

namespace mtask::pool {
namespace {

Error unavailable(int why, const char* doing, const std::string& path) {
  return system_error(ErrorKind::kUnavailable, why, std::string(doing) + " the job log " + quote(path));
}

Error no_joblog(const std::string& path) {
  return {ErrorKind::kUnavailable, {}, quote(path) + " is no job log; it is left as it is"};
}

// False when another open file has the lock.
bool lock(int fd) {
  return os::retry([fd] { return ::flock(fd, LOCK_EX | LOCK_NB); }) == 0 || errno != EWOULDBLOCK;
}

int cut(int fd, off_t size) {
  return os::retry([&] { return ::ftruncate(fd, size); });
}

}  // namespace

std::string joblog_line(const JobResult& result, std::string_view command) {
  const auto start = std::chrono::round<std::chrono::milliseconds>(result.started.time_since_epoch()).count();
  // By whole nanoseconds, else 1.001 s would be cut to 1.000.
  const auto runtime = std::max(std::llround(result.runtime.count() * 1e9), 0LL) / 1'000'000;
  char fields[192];
  const int size =
      std::snprintf(fields, sizeof(fields), "%llu\t:\t%lld.%03lld\t%6lld.%03lld\t%llu\t%llu\t%d\t%d\t",
                    static_cast<unsigned long long>(result.seq), static_cast<long long>(start / 1000),
                    static_cast<long long>(start % 1000), runtime / 1000, runtime % 1000,
                    static_cast<unsigned long long>(result.bytes_in), static_cast<unsigned long long>(result.bytes_out),
                    result.timed_out ? -1 : result.exit_code, result.signal);
  std::string line(fields, static_cast<std::size_t>(size));
  const std::size_t begin = line.size();
  line.append(command);
  std::replace(line.begin() + static_cast<std::ptrdiff_t>(begin), line.end(), '\n', '\0');
  return line += '\n';
}

Result<Joblog> Joblog::open(const std::string& path, Opening how) {
  const int access = how == Opening::kFresh ? O_WRONLY : O_RDWR;
  UniqueFd fd(
      os::retry([&] { return ::open(path.c_str(), access | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0666); }));
  if (!fd) return Unexpected(unavailable(errno, "cannot open", path));
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return Unexpected(unavailable(errno, "cannot look at", path));
  Joblog log(std::move(fd), path, S_ISREG(status.st_mode));
  if (auto ready = log.prepare(how); !ready) return Unexpected(std::move(ready).error());
  return log;
}

Result<void> Joblog::prepare(Opening how) {
  if (!regular_) {
    if (how == Opening::kFresh) pending_ = kJoblogHeader;
    return flush();
  }
  if (!lock(fd_.get())) {
    return Unexpected(Error{ErrorKind::kUnavailable, {}, "another run is writing the job log " + quote(path_)});
  }
  if (how == Opening::kFresh) {
    if (cut(fd_.get(), 0) != 0) return Unexpected(unavailable(errno, "cannot empty", path_));
  } else {
    // The size after the lock: before it, another run may have been writing.
    struct stat status {};
    if (::fstat(fd_.get(), &status) != 0) return Unexpected(unavailable(errno, "cannot look at", path_));
    if (status.st_size > 0) {
      if (auto mended = mend_end(static_cast<std::size_t>(status.st_size)); !mended) return mended;
      if (::fstat(fd_.get(), &status) != 0) return Unexpected(unavailable(errno, "cannot look at", path_));
    }
    if (status.st_size > 0) return {};
  }
  pending_ = kJoblogHeader;
  return flush();
}

// Cuts off what follows the last newline.
Result<void> Joblog::mend_end(std::size_t size) {
  std::string block(64 * 1024, '\0');
  const ssize_t first = os::pread_full(fd_.get(), block.data(), block.size(), 0);
  if (first == -1) return Unexpected(unavailable(errno, "cannot read", path_));
  if (!looks_like_joblog(std::string_view(block).substr(0, static_cast<std::size_t>(first)))) {
    return Unexpected(no_joblog(path_));
  }
  std::size_t keep = size;
  for (std::size_t end = size; end > 0;) {
    const std::size_t begin = end > block.size() ? end - block.size() : 0;
    const ssize_t got = os::pread_full(fd_.get(), block.data(), end - begin, static_cast<off_t>(begin));
    if (got == -1) return Unexpected(unavailable(errno, "cannot read", path_));
    const std::size_t newline = std::string_view(block).substr(0, static_cast<std::size_t>(got)).rfind('\n');
    keep = newline == std::string_view::npos ? begin : begin + newline + 1;
    if (newline != std::string_view::npos) break;
    end = begin;
  }
  if (keep == size || cut(fd_.get(), static_cast<off_t>(keep)) == 0) return {};
  return Unexpected(unavailable(errno, "cannot mend the end of", path_));
}

void Joblog::append(const JobResult& result, std::string_view command) { pending_ += joblog_line(result, command); }

// Takes the last `torn` bytes off the file, unless somebody else wrote after them.
bool Joblog::cut_torn_line(std::size_t torn) {
  if (torn == 0) return true;
  if (!regular_) return false;
  const off_t end = ::lseek(fd_.get(), 0, SEEK_CUR);
  struct stat status {};
  return end != -1 && ::fstat(fd_.get(), &status) == 0 && status.st_size == end &&
         cut(fd_.get(), end - static_cast<off_t>(torn)) == 0;
}

Result<void> Joblog::flush() {
  std::size_t done = 0;
  while (done < pending_.size()) {
    const ssize_t count = os::retry([&] { return ::write(fd_.get(), pending_.data() + done, pending_.size() - done); });
    if (count <= 0) {
      const int why = count == 0 ? EIO : errno;
      const std::size_t newline = done == 0 ? std::string::npos : pending_.rfind('\n', done - 1);
      const std::size_t whole = newline == std::string::npos ? 0 : newline + 1;
      // A torn line that can't be cut off is finished by the next flush.
      pending_.erase(0, cut_torn_line(done - whole) ? whole : done);
      return Unexpected(unavailable(why, "cannot write", path_));
    }
    done += static_cast<std::size_t>(count);
  }
  pending_.clear();
  return {};
}

Result<void> Joblog::close() {
  auto flushed = flush();
  const int fd = fd_.release();
  if (fd >= 0 && ::close(fd) != 0 && errno != EINTR && flushed) {
    return Unexpected(unavailable(errno, "cannot write", path_));
  }
  return flushed;
}

}  // namespace mtask::pool
