// Regular files: contents and metadata first, the name last.

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>

#include "copy/worker.hpp"
#include "os/syscall.hpp"

namespace mtask::copy {
namespace {

bool same_moment(const timespec& a, const timespec& b) noexcept {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

// File systems whose files are made up when read, so that their sizes say little.
bool made_up(int fd) noexcept {
  struct statfs info {};
  if (::fstatfs(fd, &info) != 0) return false;
  constexpr long kMagics[] = {PROC_SUPER_MAGIC, SYSFS_MAGIC,        DEBUGFS_MAGIC,       TRACEFS_MAGIC,
                              SECURITYFS_MAGIC, CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC, PSTOREFS_MAGIC,
                              EFIVARFS_MAGIC,   BPF_FS_MAGIC,       0x62656570 /* configfs */};
  return std::find(std::begin(kMagics), std::end(kMagics), static_cast<long>(info.f_type)) != std::end(kMagics);
}

}  // namespace

Trouble Worker::copy_file(Entry& entry, UniqueFd source, LinkId link, bool& handed_on) {
  const ino_t expected = entry.status.st_ino;
  for (int attempt = 1;; ++attempt) {
    if (!source) {
      if (Trouble trouble = open_file(entry, source)) return trouble;
      if (::fstat(source.get(), &entry.status) == -1) return Trouble::source("examine");
    }
    // Replaced by something else; of a group of links, the one that was claimed must be the one that is copied.
    const bool other = !S_ISREG(entry.status.st_mode) || (link != kNoId && entry.status.st_ino != expected);
    bool changed = other;
    if (!other) {
      if (Trouble trouble = copy_file_once(entry, source.get(), link, handed_on, changed)) return trouble;
    }
    if (!changed) return {};
    if (attempt == 2 || other) {
      return {EBUSY, "copy", Trouble::Side::kSource, "it changed while it was copied"};
    }
    report_.retried(entry.dir, entry.name, entry.item, "it changed while it was copied; once more");
    source.reset();
  }
}

Trouble Worker::changed_since(int source, const struct stat& before, bool short_source, std::uint64_t bytes,
                              bool& changed) {
  struct stat after {};
  if (::fstat(source, &after) == -1) return Trouble::source("examine");
  const bool without_size = before.st_size == 0 && after.st_size == 0 && bytes > 0;
  changed = after.st_size != before.st_size || (!same_moment(after.st_mtim, before.st_mtim) && !without_size);
  if (!changed && short_source && !made_up(source)) {
    return {EIO, "read", Trouble::Side::kSource, "it ends before its size says"};
  }
  return {};
}

// A new file is the process's, and its group comes from its directory if that is setgid; but a mount option may say
// otherwise, and nobody tells about that. One look at a file that could show it is enough for a device; directories of
// the process's own group cannot show whether groups come from them, nor does it matter there.
void Worker::owner_of_new_file(const OpenDirectory& in, int fd, Metadata::Fresh& fresh) {
  const dev_t device = board_.directory(in.id).destination.device;
  const bool telling = in.own_group != run_.group || in.new_file_group != run_.group;
  fresh.user = run_.user;
  fresh.group = in.new_file_group;
  const auto known = std::find_if(plain_devices_.begin(), plain_devices_.end(),
                                  [device](const PlainDevice& plain) { return plain.device == device; });
  if (device != 0 && known != plain_devices_.end() && (known->everywhere || !telling)) return;
  struct stat status {};
  if (::fstat(fd, &status) == -1) return;
  fresh.user = status.st_uid;
  fresh.group = status.st_gid;
  if (fresh.user != run_.user || fresh.group != in.new_file_group) return;
  const bool everywhere = in.own_group != in.new_file_group;
  if (known == plain_devices_.end()) {
    plain_devices_.push_back({device, everywhere});
  } else {
    known->everywhere |= everywhere;
  }
}

Trouble Worker::copy_file_once(Entry& entry, int source, LinkId link, bool& handed_on, bool& changed) {
  const bool big = entry.status.st_size >= kBigFile && config_.workers > 1;
  Temporary file;
  Metadata::Fresh fresh{run_.user, 0, 0, entry.inherits_acl};
  // A user, unlike root, must be allowed to read and write it until it is whole.
  const mode_t mode = (metadata_.wanted_mode(entry.status, run_.user, run_.group) & 0777) | (run_.user == 0 ? 0 : 0600);
  Trouble trouble = placement_.make(entry.in->destination, mode, big, file, fresh.mode);
  if (trouble.error == EMFILE || trouble.error == ENFILE) {
    directories_.shrink();
    trouble = placement_.make(entry.in->destination, mode, big, file, fresh.mode);
  }
  if (trouble) return trouble;
  owner_of_new_file(*entry.in, file.fd(), fresh);

  Content::Moved moved;
  if (big) {
    if ((trouble = content_.clone(source, file.fd(), entry.status, moved.cloned))) return trouble;
    if (!moved.cloned && hand_on_big(entry, file, link)) {
      handed_on = true;
      return {};
    }
  }
  if ((trouble = content_.copy(source, file.fd(), entry.status, moved))) return trouble;
  if ((trouble = changed_since(source, entry.status, moved.short_source, moved.bytes, changed)) || changed)
    return trouble;
  if ((trouble = finish_file(entry, source, file, fresh))) return trouble;

  Identity made{};
  if (link != kNoId) {
    struct stat status {};
    if (::fstat(file.fd(), &status) == -1) return Trouble::destination("examine");
    made = {status.st_dev, status.st_ino};
  }
  if ((trouble = place_file(entry, file))) return trouble;
  if (entry.verdict == Verdict::kKeep) {
    if (link != kNoId) board_.abandon_link(link);
    return {};
  }
  if (link != kNoId) link_settled(entry, link, made);
  WorkerCounters& counters = report_.counters();
  count(counters.files);
  count(counters.bytes_placed, moved.bytes);
  if (moved.cloned) {
    count(counters.bytes, moved.bytes);
    count(counters.bytes_cloned, moved.bytes);
  }
  done(entry, entry.exists ? "replace" : "copy", moved.bytes);
  return {};
}

Trouble Worker::finish_file(Entry& entry, int source, Temporary& file, const Metadata::Fresh& fresh) {
  // Before the times are set: it may write.
  if (Trouble trouble = write_errors_.check(file.fd(), board_.directory(entry.dir).destination.device)) return trouble;
  if (Trouble trouble = metadata_.apply({source}, entry.status, {file.fd()}, fresh, {entry.dir, entry.name})) {
    return trouble;
  }
  if (config_.fsync == Fsync::kEach && os::retry([&] { return ::fsync(file.fd()); }) == -1) {
    return Trouble::destination("write out");
  }
  return {};
}

Trouble Worker::place_file(Entry& entry, Temporary& file) {
  return place_judged(entry, [&](const struct stat* existing) {
    return placement_.place(file, place_of(entry), entry.destination_name, existing);
  });
}

}  // namespace mtask::copy
