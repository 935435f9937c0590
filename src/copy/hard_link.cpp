// Files with several names: the first one met is copied, the others become links to it.

#include <fcntl.h>
#include <unistd.h>

#include "copy/worker.hpp"

namespace mtask::copy {

std::optional<bool> Worker::follow_link(Entry& entry, LinkId& leads) {
  const Identity source{entry.status.st_dev, entry.status.st_ino};
  const LinkClaim claim = board_.claim_link(source, static_cast<std::uint32_t>(entry.status.st_nlink), id_);
  switch (claim.role) {
    case LinkClaim::Role::kAlone:
      return std::nullopt;
    case LinkClaim::Role::kLead:
      leads = claim.id;
      return std::nullopt;
    case LinkClaim::Role::kBusy:
      return false;
    case LinkClaim::Role::kFollow:
      break;
  }
  if (entry.verdict == Verdict::kKeep ||
      (entry.exists && Identity{entry.existing.st_dev, entry.existing.st_ino} == claim.destination)) {
    board_.link_seen(claim.id);
    report_.skipped(entry.dir, entry.name, entry.item, "up to date");
    return true;
  }
  bool linked = config_.dry_run;
  if (const Trouble trouble = config_.dry_run ? may_replace(entry) : link_to(entry, claim, linked)) {
    fail(entry, trouble);
    return true;
  }
  if (entry.verdict == Verdict::kKeep) {
    board_.link_seen(claim.id);
    return true;
  }
  if (!linked) return std::nullopt;  // it can't be linked: a copy of its own
  board_.link_seen(claim.id);
  count(report_.counters().links);
  done(entry, "link", 0);
  return true;
}

Trouble Worker::link_to(Entry& entry, const LinkClaim& claim, bool& linked) {
  OpenDirectoryRef first;
  linked = false;
  if (directories_.open(claim.dir, first)) return {};
  const int into = entry.in->destination;
  const auto link = [&](int directory, const char* name) {
    return ::linkat(first->destination, claim.name.c_str(), directory, name, 0);
  };
  const Trouble trouble = place_judged(entry, [&](const struct stat* existing) {
    return placement_.place_made(place_of(entry), entry.destination_name, existing, true, "link", link);
  });
  const bool impossible = trouble.error == EXDEV || trouble.error == EMLINK || trouble.error == EPERM ||
                          trouble.error == ENOENT || trouble.error == EOPNOTSUPP;
  if (impossible) return {};
  if (trouble || entry.verdict == Verdict::kKeep) return trouble;
  // Whoever may write in the destination could have swapped the first name for something else.
  struct stat status {};
  if (::fstatat(into, entry.destination_name, &status, AT_SYMLINK_NOFOLLOW) == -1)
    return Trouble::destination("examine");
  if (Identity{status.st_dev, status.st_ino} != claim.destination) {
    ::unlinkat(into, entry.destination_name, 0);
    return {ESTALE, "link", Trouble::Side::kDestination, "its other name was replaced meanwhile"};
  }
  linked = true;
  return {};
}

void Worker::link_settled(const Entry& entry, LinkId link, const Identity& destination) {
  board_.settle_link(link, entry.dir, entry.destination_name, destination);
  board_.link_seen(link);
}

}  // namespace mtask::copy
