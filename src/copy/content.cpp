#include "copy/content.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <ctime>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "os/fd_io.hpp"
#include "os/syscall.hpp"

namespace mtask::copy {

namespace {
constexpr std::int64_t kSlack = 50'000'000;  // nanoseconds

// Bytes from which on sharing blocks pays. On xfs a clone is a transaction of its own, after the source was written
// out: copying a small file takes half the time. btrfs is quicker at cloning, whatever the size.
off_t smallest_clone(int fd) {
  struct statfs info {};
  return ::fstatfs(fd, &info) == 0 && info.f_type == XFS_SUPER_MAGIC ? 64 * 1024 : 1;
}

// Where the hole at `at` ends, at most `size`; `at` itself where there is none, or nobody tells.
off_t next_data(int fd, off_t at, off_t size) {
  const off_t data = ::lseek(fd, at, SEEK_DATA);
  if (data != -1) return std::min(data, size);
  return errno == ENXIO && ::lseek(fd, 0, SEEK_END) >= size ? size : at;
}

}  // namespace

Content::Content(RunState& run, WorkerCounters& counters)
    : run_(run), counters_(counters), buffer_(std::make_unique_for_overwrite<std::byte[]>(kBuffer)) {}

bool Content::is_sparse(const struct stat& status) const noexcept {
  return run_.config.preserve.sparse && status.st_blocks < (status.st_size + 511) / 512;
}

std::size_t Content::chunk_size() const noexcept {
  const std::uint64_t rate = run_.config.limit_rate;
  return rate == 0 ? kBuffer : static_cast<std::size_t>(std::clamp<std::uint64_t>(rate / 20, 4096, kBuffer));
}

// The shared clock says when the bytes reserved so far will have passed (GCRA, ITU-T I.371). It may lag a little, so
// that what a sleep takes too long is made up for.
bool Content::throttle(std::size_t bytes) {
  if (run_.board->halted() != Halt::kNo) return false;
  if (run_.config.limit_rate == 0) return true;
  using std::chrono::steady_clock;
  const auto now_ns = [] { return steady_clock::now().time_since_epoch().count(); };
  const auto cost =
      static_cast<std::int64_t>(static_cast<double>(bytes) * 1e9 / static_cast<double>(run_.config.limit_rate));
  auto& clock = run_.board->rate_clock();
  std::int64_t free_at = clock.load();
  std::int64_t start = 0;
  do start = std::max(free_at, now_ns() - kSlack);
  while (!clock.compare_exchange_weak(free_at, start + cost));
  for (std::int64_t rest = start + cost - now_ns(); rest > 0; rest = start + cost - now_ns()) {
    if (run_.board->halted() != Halt::kNo) return false;
    const timespec nap{0, static_cast<long>(std::min<std::int64_t>(rest, 100'000'000))};
    ::nanosleep(&nap, nullptr);
  }
  return true;
}

void Content::remember(off_t offset, std::size_t size) {
  const XXH128_hash_t hash = XXH3_128bits(buffer_.get(), size);
  chunks_.push_back({offset, size, {hash.low64, hash.high64}});
}

Trouble Content::copy(int source, int destination, const struct stat& status, Moved& moved) {
  chunks_.clear();
  if (status.st_size > 0) {
    if (Trouble trouble = clone(source, destination, status, moved.cloned)) return trouble;
    if (moved.cloned) {
      moved.bytes = static_cast<std::uint64_t>(status.st_size);
      if (!run_.config.verify) return {};
      bool equal = false;
      if (Trouble trouble = same(source, destination, status.st_size, true, equal)) return trouble;
      if (!equal) return {EIO, "verify", Trouble::Side::kDestination, "what was read back differs"};
      return {};
    }
  }
  Trouble trouble;
  if (is_sparse(status)) {
    trouble = copy_range(source, destination, 0, status.st_size, true, moved);
    if (!trouble && !moved.short_source && ::ftruncate(destination, status.st_size) == -1)
      trouble = Trouble::destination("set the size of");
    return trouble;
  }
  trouble = copy_small(source, destination, status, moved);
  if (!trouble && run_.config.verify) trouble = verify(destination);
  return trouble;
}

// A dense file from its start, by plain read and write: the offsets of the fds move on by themselves.
Trouble Content::copy_small(int source, int destination, const struct stat& status, Moved& moved) {
  const std::size_t most = chunk_size();
  off_t at = 0;
  for (;;) {
    // Exactly what is left saves the read that only finds the end; files of /proc say 0 and have content.
    const auto left = static_cast<std::uint64_t>(std::max<off_t>(status.st_size - at, 0));
    if (status.st_size > 0 && left == 0) return {};
    const std::size_t want = status.st_size == 0 ? most : static_cast<std::size_t>(std::min<std::uint64_t>(most, left));
    const ssize_t got = os::read_full(source, buffer_.get(), want);
    if (got == -1) return Trouble::source("read");
    if (got == 0) break;
    const auto size = static_cast<std::size_t>(got);
    if (!throttle(size)) return {kHalted, "", {}, nullptr};
    if (os::write_full(destination, buffer_.get(), size) == -1) return Trouble::destination("write");
    if (run_.config.verify) remember(at, size);
    at += got;
    moved.bytes += size;
    count(counters_.bytes, size);
  }
  moved.short_source = at < status.st_size;
  return {};
}

Trouble Content::copy_range(int source, int destination, off_t begin, off_t end, bool sparse, Moved& moved) {
  chunks_.clear();
  Trouble trouble;
  for (off_t at = begin; at < end && !trouble;) {
    off_t data_end = end;
    if (sparse) {
      const off_t data = ::lseek(source, at, SEEK_DATA);
      if (data == -1 && errno == ENXIO) break;  // nothing but a hole up to the end
      if (data != -1) {
        if (data >= end) break;
        const off_t hole = ::lseek(source, data, SEEK_HOLE);
        if (hole == -1) return Trouble::source("find the holes of");
        at = data;
        data_end = std::min(hole, end);
      } else if (errno == EINVAL) {
        sparse = false;  // this file system doesn't tell
      } else {
        return Trouble::source("find the holes of");
      }
    }
    trouble = copy_data(source, destination, at, data_end, moved);
    if (moved.short_source) break;
    at = data_end;
  }
  if (!trouble && run_.config.verify) trouble = verify(destination);
  return trouble;
}

Trouble Content::data_size(int source, const struct stat& status, std::uint64_t& bytes) {
  bytes = 0;
  for (off_t at = 0; at < status.st_size;) {
    const off_t data = ::lseek(source, at, SEEK_DATA);
    if (data == -1 && errno == ENXIO) return {};
    if (data == -1 && errno != EINVAL) return Trouble::source("find the holes of");
    const off_t hole = data == -1 ? status.st_size : ::lseek(source, data, SEEK_HOLE);
    if (hole == -1) return Trouble::source("find the holes of");
    const off_t begin = data == -1 ? at : data;
    at = std::min(hole, status.st_size);
    bytes += static_cast<std::uint64_t>(std::max<off_t>(at - begin, 0));
  }
  return {};
}

Trouble Content::copy_data(int source, int destination, off_t begin, off_t end, Moved& moved) {
  const std::size_t most = chunk_size();
  for (off_t at = begin; at < end;) {
    const std::size_t want = std::min<std::size_t>(most, static_cast<std::size_t>(end - at));
    const ssize_t got = os::pread_full(source, buffer_.get(), want, at);
    if (got == -1) return Trouble::source("read");
    if (got == 0) {
      moved.short_source = true;
      return {};
    }
    const auto size = static_cast<std::size_t>(got);
    if (!throttle(size)) return {kHalted, "", {}, nullptr};
    if (os::pwrite_full(destination, buffer_.get(), size, at) == -1) return Trouble::destination("write");
    if (run_.config.verify) remember(at, size);
    at += got;
    moved.bytes += size;
    count(counters_.bytes, size);
  }
  return {};
}

Trouble Content::verify(int destination) {
  if (os::retry([&] { return ::fdatasync(destination); }) == -1) return Trouble::destination("write out");
  ::posix_fadvise(destination, 0, 0, POSIX_FADV_DONTNEED);
  // The fd was opened for writing alone; the file has no name that another could have replaced.
  const std::string self = "/proc/self/fd/" + std::to_string(destination);
  UniqueFd reader(os::retry([&] { return ::open(self.c_str(), O_RDONLY | O_CLOEXEC); }));
  if (!reader) return Trouble::destination("read back");
  for (const Chunk& chunk : chunks_) {
    const ssize_t got = os::pread_full(reader.get(), buffer_.get(), chunk.size, chunk.offset);
    if (got == -1) return Trouble::destination("read back");
    const XXH128_hash_t hash = XXH3_128bits(buffer_.get(), static_cast<std::size_t>(got));
    if (static_cast<std::size_t>(got) != chunk.size || hash.low64 != chunk.hash[0] || hash.high64 != chunk.hash[1]) {
      return {EIO, "verify", Trouble::Side::kDestination, "what was read back differs"};
    }
    if (run_.board->halted() != Halt::kNo) return {kHalted, "", {}, nullptr};
  }
  return {};
}

Trouble Content::clone(int source, int destination, const struct stat& status, bool& cloned) {
  cloned = false;
  if (run_.config.reflink == Reflink::kNever) return {};
  const bool must = run_.config.reflink == Reflink::kAlways;
  struct stat target {};
  if (verdicts_.empty() || must || verdicts_.size() > 1) {
    if (::fstat(destination, &target) == -1) return Trouble::destination("examine");
  } else {
    target.st_dev = verdicts_.front().destination;  // the usual case: one pair of file systems
  }
  auto verdict = std::find_if(verdicts_.begin(), verdicts_.end(), [&](const CloneVerdict& known) {
    return known.source == status.st_dev && known.destination == target.st_dev;
  });
  if (verdict == verdicts_.end()) {
    verdict = verdicts_.insert(verdict, {status.st_dev, target.st_dev, true, smallest_clone(destination)});
  }
  if (!must && (!verdict->works || status.st_size < verdict->smallest)) return {};
  if (os::retry([&] { return ::ioctl(destination, FICLONE, source); }) == 0) {
    cloned = true;
    return {};
  }
  if (must || errno == ENOSPC || errno == EDQUOT) return Trouble::destination("clone");
  if (errno == EOPNOTSUPP || errno == ENOTTY || errno == EXDEV || errno == ENOSYS) verdict->works = false;
  return {};
}

Trouble Content::same(int source, int destination, off_t size, bool past_cache, bool& equal) {
  equal = false;
  if (second_ == nullptr) second_ = std::make_unique_for_overwrite<std::byte[]>(kBuffer);
  UniqueFd reopened;
  if (past_cache) {
    if (os::retry([&] { return ::fdatasync(destination); }) == -1) return Trouble::destination("write out");
    ::posix_fadvise(destination, 0, 0, POSIX_FADV_DONTNEED);
    const std::string self = "/proc/self/fd/" + std::to_string(destination);
    reopened = UniqueFd(os::retry([&] { return ::open(self.c_str(), O_RDONLY | O_CLOEXEC); }));
    if (!reopened) return Trouble::destination("read back");
    destination = reopened.get();
  }
  for (off_t at = 0; at < size; at += static_cast<off_t>(kBuffer)) {
    at = std::min(next_data(source, at, size), next_data(destination, at, size));
    if (at == size) break;
    const std::size_t want = std::min<std::size_t>(kBuffer, static_cast<std::size_t>(size - at));
    const ssize_t ours = os::pread_full(source, buffer_.get(), want, at);
    if (ours == -1) return Trouble::source("read");
    const ssize_t theirs = os::pread_full(destination, second_.get(), want, at);
    if (theirs == -1) return Trouble::destination("read");
    if (ours != theirs || std::memcmp(buffer_.get(), second_.get(), static_cast<std::size_t>(ours)) != 0) return {};
    if (run_.board->halted() != Halt::kNo) return {kHalted, "", {}, nullptr};
  }
  equal = true;
  return {};
}

}  // namespace mtask::copy
