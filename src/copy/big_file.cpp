// Big files: copied in ranges by all workers under a temporary name; who completes the last range finishes the file.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "copy/worker.hpp"
#include "os/syscall.hpp"

namespace mtask::copy {
namespace {

// The first failure of a range, as one word: errno and side.
constexpr std::uint32_t kOnDestination = 1U << 16;
constexpr std::uint32_t kShortSource = 1U << 17;  // no error, but the end came too early

}  // namespace

bool Worker::hand_on_big(Entry& entry, Temporary& file, LinkId link) {
  struct stat made {};
  const off_t size = entry.status.st_size;
  const bool sparse = content_.is_sparse(entry.status);
  if (::fstat(file.fd(), &made) == -1) return false;
  if (sparse || ::fallocate(file.fd(), 0, 0, size) == -1) {
    if (!sparse && (errno == ENOSPC || errno == EDQUOT)) {
      board_.halt(Halt::kOutOfSpace,
                  sentence(Trouble::destination("write"), report_.destination_path(entry.dir, entry.name)));
      return true;
    }
    if (::ftruncate(file.fd(), size) == -1) return false;
  }
  BigFile big{};
  big.dir = entry.dir;
  big.attempt = 1;
  big.sparse = sparse ? 1 : 0;
  big.link = link;
  big.source = {entry.status.st_dev, entry.status.st_ino};
  big.destination = {made.st_dev, made.st_ino};
  big.size = size;
  big.mtime = entry.status.st_mtim;
  big.atime = entry.status.st_atim;
  big.item_number = entry.item;
  if (file.name().size() >= sizeof(big.temporary)) return false;
  file.name().copy(big.temporary, file.name().size());
  // The name is others' from here on: they may be through before this worker goes on.
  std::string name = file.name();
  const int directory = entry.in->destination;
  file.keep_name();
  if (board_.add_big(big, entry.name, static_cast<std::uint32_t>((size + kRange - 1) / kRange))) return true;
  file.set_name(directory, std::move(name));
  return false;
}

Trouble Worker::open_big(const BigFile& file, Entry& entry, OpenDirectoryRef& opened, UniqueFd& source,
                         UniqueFd& destination) {
  if (Trouble trouble = directories_.open(file.dir, opened)) return trouble;
  entry.in = opened.get();
  if (Trouble trouble = open_file(entry, source)) return trouble;
  if (::fstat(source.get(), &entry.status) == -1) return Trouble::source("examine");
  if (Identity{entry.status.st_dev, entry.status.st_ino} != file.source) {
    return {ESTALE, "copy", Trouble::Side::kSource, "replaced meanwhile"};
  }
  destination = UniqueFd(os::retry(
      [&] { return ::openat(opened->destination, file.temporary, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC); }));
  if (!destination && errno == EACCES) {  // it got its final mode from a user who died before he could name it
    UniqueFd path(
        os::retry([&] { return ::openat(opened->destination, file.temporary, O_PATH | O_NOFOLLOW | O_CLOEXEC); }));
    if (path) ::chmod(("/proc/self/fd/" + std::to_string(path.get())).c_str(), 0600);
    destination = UniqueFd(os::retry(
        [&] { return ::openat(opened->destination, file.temporary, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC); }));
  }
  if (!destination) return Trouble::destination("open");
  struct stat made {};
  if (::fstat(destination.get(), &made) == -1) return Trouble::destination("examine");
  if (Identity{made.st_dev, made.st_ino} != file.destination) {
    return {ESTALE, "write", Trouble::Side::kDestination, "replaced meanwhile"};
  }
  return {};
}

bool Worker::range(SlotId slot) {
  board_.split_range(slot);
  const Item item = board_.item(slot);
  BigFile& file = board_.big(item.big);
  const std::string name(board_.big_name(item.big));
  report_.set_current(name);
  if (file.failed != 0) return true;
  Entry entry{};
  entry.name = name.c_str();
  OpenDirectoryRef opened;
  UniqueFd source;
  UniqueFd destination;
  Content::Moved moved;
  Trouble trouble = open_big(file, entry, opened, source, destination);
  const off_t begin = static_cast<off_t>(item.first) * kRange;
  const off_t end = std::min(begin + kRange * static_cast<off_t>(item.count), file.size);
  if (!trouble) {
    trouble = content_.copy_range(source.get(), destination.get(), begin, end, file.sparse != 0, moved);
    if (!trouble) trouble = write_errors_.check(destination.get(), file.destination.device);
  }
  if (trouble.error == kHalted) return false;
  if (trouble.fatal()) {
    board_.halt(Halt::kOutOfSpace, sentence(trouble, report_.destination_path(file.dir, name)));
    return false;
  }
  if (trouble) {
    const bool there = trouble.side == Trouble::Side::kDestination;
    file.failed = static_cast<std::uint32_t>(trouble.error) | (there ? kOnDestination : 0);
  } else if (moved.short_source) {
    file.failed = kShortSource;
  }
  return !halted();
}

void Worker::seal(SlotId slot) {
  const BigId id = board_.item(slot).big;
  BigFile& file = board_.big(id);
  if (file.state != BigFile::kLive) return;  // done before its holder died
  const std::string name(board_.big_name(id));
  Entry entry{};
  entry.dir = file.dir;
  entry.name = name.c_str();
  entry.item = file.item_number;
  entry.inherits_acl = (board_.directory(file.dir).flags & Directory::kDefaultAcl) != 0;
  const bool operand = (board_.directory(file.dir).flags & Directory::kOperand) != 0;
  entry.destination_name =
      operand ? run_.roots[board_.directory(file.dir).root].destination_name.c_str() : name.c_str();
  if (board_.redone(slot) && sealed_already(file, entry)) return;
  const Trouble trouble = seal_file(file, entry);
  if (!trouble) return;
  OpenDirectoryRef opened;
  if (!directories_.open(file.dir, opened)) ::unlinkat(opened->destination, file.temporary, 0);
  board_.abandon_big_link(file);
  fail(entry, trouble);
}

// A worker that died at the very end has given the file its name already.
bool Worker::sealed_already(const BigFile& file, const Entry& entry) {
  OpenDirectoryRef opened;
  struct stat status {};
  if (directories_.open(file.dir, opened)) return false;
  if (::fstatat(opened->destination, entry.destination_name, &status, AT_SYMLINK_NOFOLLOW) == -1) return false;
  if (Identity{status.st_dev, status.st_ino} != file.destination) return false;
  board_.settle_big_link(file, entry.destination_name);
  return true;
}

Trouble Worker::seal_file(BigFile& file, Entry& entry) {
  const std::uint32_t failed = file.failed;
  if (failed == BigFile::kGivenUp) return {EIO, "copy", Trouble::Side::kSource, kKilledWorkers};
  if (failed != 0 && failed != kShortSource) {
    const int error = static_cast<int>(failed & ~kOnDestination);
    return (failed & kOnDestination) != 0 ? Trouble::destination("write", error) : Trouble::source("read", error);
  }
  OpenDirectoryRef opened;
  UniqueFd source;
  UniqueFd destination;
  if (Trouble trouble = open_big(file, entry, opened, source, destination)) return trouble;
  struct stat before = entry.status;
  before.st_size = file.size;
  before.st_mtim = file.mtime;
  bool changed = false;
  if (Trouble trouble = changed_since(source.get(), before, failed == kShortSource, 1, changed)) return trouble;
  auto bytes = static_cast<std::uint64_t>(file.size);
  if (changed) {
    Content::Moved moved;
    report_.retried(entry.dir, entry.name, entry.item, "it changed while it was copied; once more");
    if (::ftruncate(destination.get(), 0) == -1) return Trouble::destination("empty");
    if (Trouble trouble = content_.copy(source.get(), destination.get(), entry.status, moved)) return trouble;
    if (Trouble trouble = changed_since(source.get(), entry.status, moved.short_source, 1, changed)) return trouble;
    if (changed) return {EBUSY, "copy", Trouble::Side::kSource, "it changed while it was copied"};
    bytes = moved.bytes;
  } else {
    entry.status.st_atim = file.atime;
    // Not summed up range by range: those that were done again after a death would count twice.
    if (file.sparse != 0) {
      if (Trouble trouble = Content::data_size(source.get(), before, bytes)) return trouble;
    }
  }
  struct stat made {};
  if (::fstat(destination.get(), &made) == -1) return Trouble::destination("examine");
  Temporary holder(std::move(destination), opened->destination, file.temporary);
  const Metadata::Fresh fresh{made.st_uid, made.st_gid, made.st_mode & 07777, entry.inherits_acl};
  if (Trouble trouble = finish_file(entry, source.get(), holder, fresh)) return trouble;
  if (Trouble trouble = judge(entry)) return trouble;
  if (entry.verdict == Verdict::kMend || entry.verdict == Verdict::kKeep) {  // another redo was faster
    board_.abandon_big_link(file);
    report_.skipped(entry.dir, entry.name, entry.item, "up to date");
    return {};
  }
  if (Trouble trouble = place_file(entry, holder)) return trouble;
  if (entry.verdict == Verdict::kKeep) {
    board_.abandon_big_link(file);
    return {};
  }
  board_.settle_big_link(file, entry.destination_name);
  count(report_.counters().files);
  count(report_.counters().bytes_placed, bytes);
  done(entry, entry.exists ? "replace" : "copy", bytes);
  return {};
}

}  // namespace mtask::copy
