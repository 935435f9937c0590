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
  Linked linked = Linked::kYes;
  if (const Trouble trouble = config_.dry_run ? may_replace(entry) : link_to(entry, claim, linked)) {
    fail(entry, trouble);
    return true;
  }
  if (entry.verdict == Verdict::kKeep) {
    board_.link_seen(claim.id);
    return true;
  }
  if (linked == Linked::kOutdated) return lead_again(entry, claim, leads);
  if (linked == Linked::kImpossible) return std::nullopt;  // a copy of its own
  board_.link_seen(claim.id);
  count(report_.counters().links);
  done(entry, "link", 0);
  return true;
}

// Another source of the run, or somebody else, has given the first name to another file.
std::optional<bool> Worker::lead_again(Entry& entry, const LinkClaim& claim, LinkId& leads) {
  if (!board_.lead_link_again(claim, {entry.status.st_dev, entry.status.st_ino}, id_)) return false;
  leads = claim.id;
  entry.fresh = false;
  if (const Trouble trouble = judge(entry)) {
    board_.abandon_link(leads);
    fail(entry, trouble);
    return true;
  }
  return std::nullopt;
}

Trouble Worker::link_to(Entry& entry, const LinkClaim& claim, Linked& linked) {
  OpenDirectoryRef first;
  linked = Linked::kImpossible;
  if (directories_.open(claim.dir, first)) return {};
  const int into = entry.in->destination;
  const auto is_copy = [&](int directory, const char* name) {
    struct stat status {};
    return ::fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           Identity{status.st_dev, status.st_ino} == claim.destination;
  };
  if (run_.round > 0 && !is_copy(first->destination, claim.name.c_str())) {
    linked = Linked::kOutdated;
    return {};
  }
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
  if (is_copy(into, entry.destination_name)) {
    linked = Linked::kYes;
  } else {  // the first name was swapped in between
    ::unlinkat(into, entry.destination_name, 0);
    linked = Linked::kOutdated;
  }
  return {};
}

void Worker::link_settled(const Entry& entry, LinkId link, const Identity& destination) {
  board_.settle_link(link, entry.dir, entry.destination_name, destination);
  board_.link_seen(link);
}

}  // namespace mtask::copy
