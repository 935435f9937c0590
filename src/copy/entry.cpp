// One entry of a directory: what it is, what stands in its place, and what is to be done about it.

#include <fcntl.h>
#include <sys/stat.h>

#include "copy/worker.hpp"
#include "os/syscall.hpp"

namespace mtask::copy {
namespace {

bool same_moment(const timespec& a, const timespec& b) noexcept {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool earlier(const timespec& a, const timespec& b) noexcept {
  return a.tv_sec != b.tv_sec ? a.tv_sec < b.tv_sec : a.tv_nsec < b.tv_nsec;
}

}  // namespace

bool Worker::batch(SlotId slot) {
  const Item item = board_.item(slot);
  OpenDirectoryRef opened;
  if (const Trouble trouble = directories_.open(item.dir, opened)) {
    report_.failed(item.dir, {}, 0, trouble);
    return !halted();
  }
  if (item.block == kNoId) {  // an operand
    private_.clear();
    static_cast<void>(private_.add(run_.roots[board_.directory(item.dir).root].source_name, DT_UNKNOWN));
    return do_batch(item.dir, opened, private_, board_.redone(slot), nullptr);
  }
  return do_batch(item.dir, opened, board_.block(item.block), board_.redone(slot), &board_.at(slot));
}

bool Worker::do_batch(DirId dir, const OpenDirectoryRef& opened, const NameBlock& block, bool redone,
                      std::atomic<std::uint32_t>* at) {
  const std::uint32_t flags = board_.directory(dir).flags;
  const bool operand = (flags & Directory::kOperand) != 0;
  if (!operand) {
    if (const Trouble trouble = enter_ignore_rules(dir, *opened)) {
      report_.failed(dir, {}, 0, trouble);
      return !halted();
    }
  }
  Entry entry{};
  entry.in = opened.get();
  entry.dir = dir;
  entry.fresh = (flags & Directory::kFresh) != 0 && !redone;
  if ((flags & Directory::kSettled) != 0) entry.settled_at = &board_.directory(dir).settled_at;
  entry.inherits_acl = (flags & Directory::kDefaultAcl) != 0;
  std::vector<NameBlock::Entry> later;  // other names of files that are being copied
  const std::uint32_t begin = at != nullptr ? at->load(std::memory_order_relaxed) : 0;
  const auto copy = [&](const NameBlock::Entry& name) {
    entry.name = name.name;
    entry.destination_name = operand ? run_.roots[board_.directory(dir).root].destination_name.c_str() : name.name;
    entry.type = name.type;
    entry.item = report_.wants_items() ? board_.new_item_number() : 0;
    entry.status_known = false;
    return copy_entry(entry);
  };
  std::uint32_t offset = 0;
  for (std::uint32_t i = 0; i < block.count(); ++i) {
    const NameBlock::Entry name = block.next(offset);
    if (i < begin) continue;
    if (halted()) return false;
    if (at != nullptr && later.empty()) at->store(i, std::memory_order_relaxed);
    if (!copy(name)) later.push_back(name);
  }
  while (!later.empty()) {
    std::erase_if(later, copy);
    if (halted()) return false;
    if (later.empty()) break;
    if (auto other = board_.next_urgent(id_)) {  // what they wait for may be a big file: help
      do {
        if (!execute(*other)) return false;
      } while (board_.complete(*other));
    } else {
      board_.wait_for_change();
    }
  }
  return !halted();
}

Trouble Worker::enter_ignore_rules(DirId dir, const OpenDirectory& opened) {
  return ignored_.enter(dir, opened.source, [this](DirId above) {
    OpenDirectoryRef parent;
    return directories_.open(above, parent) ? -1 : parent->source;
  });
}

Place Worker::place_of(const Entry& entry) const {
  const bool operand = (board_.directory(entry.dir).flags & Directory::kOperand) != 0;
  return {entry.in->destination, operand ? -1 : entry.in->source};
}

void Worker::fail(const Entry& entry, const Trouble& trouble) {
  report_.failed(entry.dir, entry.name, entry.item, trouble);
}

void Worker::done(const Entry& entry, std::string_view action, std::uint64_t bytes) {
  const bool backed_up = entry.exists && config_.backup_suffix && action != "update";
  if (backed_up) report_.backed_up(entry.dir, entry.name, entry.item);
  report_.finished(entry.dir, entry.name, entry.item, action, bytes);
}

Trouble Worker::examine(Entry& entry) {
  const int follow = config_.dereference ? 0 : AT_SYMLINK_NOFOLLOW;
  if (::fstatat(entry.in->source, entry.name, &entry.status, follow) == -1) return Trouble::source("examine");
  entry.status_known = true;
  return {};
}

Trouble Worker::open_file(const Entry& entry, UniqueFd& fd) {
  const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | (config_.dereference ? 0 : O_NOFOLLOW);
  const auto open = [&](int more) {
    return os::retry([&] { return ::openat(entry.in->source, entry.name, flags | more); });
  };
  int raw = open(config_.keep_atime ? O_NOATIME : 0);
  if (raw == -1 && (errno == EMFILE || errno == ENFILE)) {
    directories_.shrink();
    raw = open(config_.keep_atime ? O_NOATIME : 0);
  }
  if (raw == -1 && errno == EPERM && config_.keep_atime) raw = open(0);
  fd = UniqueFd(raw);
  return fd ? Trouble{} : Trouble::source("open");
}

void Worker::add_directory(Entry& entry) {
  const std::uint32_t flags = run_.listed ? std::uint32_t{Directory::kListed} : 0;
  if (!board_.add_directory(entry.dir, entry.name, flags, board_.deaths() > 0)) {
    fail(entry, {ENOMEM, "copy directory", Trouble::Side::kSource, "too many directories are under way"});
  }
}

bool Worker::copy_entry(Entry& entry) {
  if (run_.phase == Phase::kPrune) {  // an operand; below it, prune() goes by directories
    if (!examine(entry) && S_ISDIR(entry.status.st_mode)) add_directory(entry);
    return true;
  }
  if ((board_.directory(entry.dir).flags & Directory::kOperand) == 0 && ignored_.active() && entry.type != DT_UNKNOWN &&
      ignored_.excluded(entry.name, entry.type == DT_DIR)) {
    count(report_.counters().excluded);
    return true;
  }
  if (entry.type == DT_DIR && !config_.dereference) {
    add_directory(entry);
    return true;
  }
  report_.set_current(entry.name);
  report_.started(entry.dir, entry.name, entry.item);

  // The common case saves a call: a regular file that can't be there yet is opened at once.
  UniqueFd source;
  Trouble trouble;
  if (entry.fresh && entry.type == DT_REG && !config_.dereference && !config_.dry_run) {
    trouble = open_file(entry, source);
    if (trouble.error == ELOOP || trouble.error == ENXIO) {  // it has become something else
      trouble = examine(entry);
    } else if (!trouble && ::fstat(source.get(), &entry.status) == -1) {
      trouble = Trouble::source("examine");
    }
  } else {
    trouble = examine(entry);
  }
  if (trouble) {
    fail(entry, trouble);
    return true;
  }
  const bool is_directory = S_ISDIR(entry.status.st_mode);
  if (entry.type == DT_UNKNOWN && (board_.directory(entry.dir).flags & Directory::kOperand) == 0 && ignored_.active() &&
      ignored_.excluded(entry.name, is_directory)) {
    count(report_.counters().excluded);
    return true;
  }
  if (is_directory) {
    add_directory(entry);
    return true;
  }
  if (too_large_or_small(config_, entry.status)) {
    count(report_.counters().excluded);
    return true;
  }
  if ((trouble = judge(entry))) {
    fail(entry, trouble);
    return true;
  }
  LinkId leads = kNoId;
  if (config_.preserve.links && entry.status.st_nlink > 1) {
    if (const auto dealt_with = follow_link(entry, leads)) return *dealt_with;
  }
  bool handed_on = false;
  trouble = copy_node_or_file(entry, std::move(source), leads, handed_on);
  if (trouble && leads != kNoId) board_.abandon_link(leads);
  if (trouble) fail(entry, trouble);
  return true;
}

Trouble Worker::judge(Entry& entry) {
  entry.verdict = Verdict::kCreate;
  entry.exists = false;
  if (entry.fresh || entry.in->destination == -1) return {};
  if (::fstatat(entry.in->destination, entry.destination_name, &entry.existing, AT_SYMLINK_NOFOLLOW) == -1) {
    return errno == ENOENT ? Trouble{} : Trouble::destination("examine");
  }
  entry.exists = true;
  entry.verdict = Verdict::kReplace;
  const struct stat& from = entry.status;
  const struct stat& to = entry.existing;
  const bool operand = (board_.directory(entry.dir).flags & Directory::kOperand) != 0;
  struct stat behind {};
  const bool link_to_destination = operand && S_ISLNK(from.st_mode) &&
                                   ::fstatat(entry.in->source, entry.name, &behind, 0) == 0 &&
                                   behind.st_dev == to.st_dev && behind.st_ino == to.st_ino;
  if ((from.st_dev == to.st_dev && from.st_ino == to.st_ino) || link_to_destination) {
    if (operand) {
      return {EINVAL, "copy", Trouble::Side::kSource, "source and destination are the same file"};
    }
    entry.verdict = Verdict::kMend;  // a tree of hard links to the source
    return {};
  }
  if (config_.update == Update::kNone) entry.verdict = Verdict::kKeep;
  // A worker that died may have replaced it already: its contents tell.
  const bool perhaps_done = config_.update == Update::kAll && board_.deaths() > 0;
  if (config_.update == Update::kNone || (config_.update == Update::kAll && !perhaps_done)) return {};
  if (config_.update == Update::kOlder && !earlier(to.st_mtim, from.st_mtim)) {
    entry.verdict = Verdict::kKeep;
    return {};
  }
  if ((from.st_mode & S_IFMT) != (to.st_mode & S_IFMT)) return {};
  bool equal = false;
  if (S_ISREG(from.st_mode)) {
    const bool same_time =
        config_.preserve.timestamps ? same_moment(from.st_mtim, to.st_mtim) : !earlier(to.st_mtim, from.st_mtim);
    equal = from.st_size == to.st_size && (config_.checksum || same_time);
  } else if (S_ISLNK(from.st_mode)) {
    equal = from.st_size == to.st_size;
  } else {
    equal = from.st_rdev == to.st_rdev;
  }
  // What another source of the run has brought is no copy of this one, however alike they look from outside.
  const bool others = run_.round > 0 && changed_in_run(run_, to);
  const bool look_inside =
      (S_ISREG(from.st_mode) && (config_.checksum || perhaps_done || others)) || S_ISLNK(from.st_mode);
  if (equal && look_inside) {
    if (Trouble trouble = same_contents(entry, equal)) return trouble;
  }
  if (equal && !may_be_planted(entry)) entry.verdict = Verdict::kMend;
  return {};
}

Trouble Worker::same_contents(Entry& entry, bool& equal) {
  if (S_ISLNK(entry.status.st_mode)) {
    std::string ours;
    std::string theirs;
    if (Trouble trouble = read_link(entry.in->source, entry.name, entry.status.st_size, ours)) return trouble;
    if (Trouble trouble = read_link(entry.in->destination, entry.destination_name, entry.existing.st_size, theirs)) {
      trouble.side = Trouble::Side::kDestination;
      return trouble;
    }
    equal = ours == theirs;
    return {};
  }
  UniqueFd source;
  if (Trouble trouble = open_file(entry, source)) return trouble;
  UniqueFd target(os::retry([&] {
    return ::openat(entry.in->destination, entry.destination_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  }));
  if (!target) return Trouble::destination("open");
  return content_.same(source.get(), target.get(), entry.status.st_size, false, equal);
}

Trouble Worker::copy_node_or_file(Entry& entry, UniqueFd source, LinkId link, bool& handed_on) {
  switch (entry.verdict) {
    case Verdict::kKeep:
      if (link != kNoId) board_.abandon_link(link);  // it is another file
      report_.skipped(entry.dir, entry.name, entry.item, "exists");
      return {};
    case Verdict::kMend:
      if (Trouble trouble = mend(entry)) return trouble;
      if (link != kNoId) link_settled(entry, link, {entry.existing.st_dev, entry.existing.st_ino});
      return {};
    case Verdict::kCreate:
    case Verdict::kReplace:
      break;
  }
  if (config_.dry_run) {
    if (link != kNoId) link_settled(entry, link, {entry.status.st_dev, entry.status.st_ino});
    return plan(entry);
  }
  if (S_ISREG(entry.status.st_mode)) return copy_file(entry, std::move(source), link, handed_on);
  Trouble trouble = S_ISLNK(entry.status.st_mode) ? copy_symlink(entry) : copy_special(entry);
  if (!trouble && link != kNoId) {
    struct stat made {};
    if (entry.verdict != Verdict::kKeep &&
        ::fstatat(entry.in->destination, entry.destination_name, &made, AT_SYMLINK_NOFOLLOW) == 0) {
      link_settled(entry, link, {made.st_dev, made.st_ino});
    } else {
      board_.abandon_link(link);
    }
  }
  return trouble;
}

Trouble Worker::may_replace(const Entry& entry) const {
  if (!entry.exists) return {};
  return placement_.may_clear_way(entry.in->destination, entry.destination_name, entry.existing);
}

Trouble Worker::plan(const Entry& entry) {
  WorkerCounters& counters = report_.counters();
  const mode_t mode = entry.status.st_mode;
  if (Trouble trouble = may_replace(entry)) return trouble;
  auto bytes = static_cast<std::uint64_t>(entry.status.st_size);
  if (S_ISREG(mode) && content_.is_sparse(entry.status)) {
    UniqueFd source;
    if (Trouble trouble = open_file(entry, source)) return trouble;
    if (Trouble trouble = Content::data_size(source.get(), entry.status, bytes)) return trouble;
  }
  if (S_ISREG(mode)) {
    count(counters.files);
    count(counters.bytes, bytes);
    count(counters.bytes_placed, bytes);
    done(entry, entry.exists ? "replace" : "copy", bytes);
  } else if (S_ISLNK(mode)) {
    count(counters.symlinks);
    done(entry, "symlink", 0);
  } else {
    count(counters.specials);
    done(entry, "special", 0);
  }
  return {};
}

// The source is always asked: that the copy is newer and its directory finished doesn't say that this program made it
// so, with attributes. Where the source has none, change times spare the look at the copy: it has been as it is since
// its directory was finished.
bool Worker::may_differ_in_attributes(const Entry& entry) {
  if (metadata_.has_attributes(entry.in->source, entry.name, config_.dereference)) return true;
  const bool settled = entry.settled_at != nullptr && earlier(entry.status.st_ctim, entry.existing.st_ctim) &&
                       earlier(entry.existing.st_ctim, *entry.settled_at);
  return !settled && metadata_.has_attributes(entry.in->destination, entry.destination_name, false);
}

Trouble Worker::mend(Entry& entry) {
  if (!metadata_.differs(entry.status, entry.existing) && !may_differ_in_attributes(entry)) {
    report_.skipped(entry.dir, entry.name, entry.item, "up to date");
    return {};
  }
  bool changed = metadata_.differs(entry.status, entry.existing);
  if (!config_.dry_run) {
    // O_PATH opens whatever it is, whatever its mode, and follows no link.
    constexpr int kFlags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
    const int follow = config_.dereference ? O_NOFOLLOW : 0;
    UniqueFd source(os::retry([&] { return ::openat(entry.in->source, entry.name, kFlags & ~follow); }));
    if (!source) return Trouble::source("open");
    UniqueFd target(os::retry([&] { return ::openat(entry.in->destination, entry.destination_name, kFlags); }));
    if (!target) return Trouble::destination("open");
    struct stat now {};
    if (::fstat(target.get(), &now) == -1) return Trouble::destination("examine");
    if (now.st_ino != entry.existing.st_ino || now.st_dev != entry.existing.st_dev) {
      return {ESTALE, "update", Trouble::Side::kDestination, "replaced meanwhile"};
    }
    const Metadata::Name name{entry.dir, entry.name};
    if (Trouble trouble =
            metadata_.mend({source.get(), true}, entry.status, {target.get(), true}, entry.existing, name, changed)) {
      return trouble;
    }
  }
  if (changed) {
    count(report_.counters().updated);
    done(entry, "update", 0);
  } else {
    report_.skipped(entry.dir, entry.name, entry.item, "up to date");
  }
  return {};
}

}  // namespace mtask::copy
