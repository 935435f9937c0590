#include "copy/link_table.hpp"

#include <cstring>

namespace mtask::copy {

LinkTable::LinkTable(os::SharedRegion& region, NameArena& names, std::uint32_t capacity)
    : header_(region.carve<Header>(1)),
      groups_(region.carve<LinkGroup>(capacity)),
      names_(names),
      capacity_(capacity) {}

std::uint32_t LinkTable::bucket_of(const Identity& source) noexcept {
  const std::uint64_t mixed = (source.inode ^ (source.device << 40)) * 0x9E3779B97F4A7C15U;
  return static_cast<std::uint32_t>(mixed >> 48);
}

LinkClaim LinkTable::claim(const Identity& source, std::uint32_t names, std::uint32_t worker) {
  LinkClaim claim;
  LinkId& bucket = header_->buckets[bucket_of(source)];
  for (LinkId next = bucket; next != 0; next = groups_[next - 1].next) {
    LinkGroup& group = groups_[next - 1];
    if (group.source != source) continue;
    claim.id = next - 1;
    switch (group.state.load()) {
      case LinkGroup::kVacant:
        claim.role = LinkClaim::Role::kLead;
        group.state = LinkGroup::kHeld + worker;
        return claim;
      case LinkGroup::kReady:
        claim.role = LinkClaim::Role::kFollow;
        claim.dir = group.dir;
        claim.name.assign(names_.get(group.name), group.name_length);
        claim.destination = group.destination;
        return claim;
      default:
        claim.role = LinkClaim::Role::kBusy;
        return claim;
    }
  }
  LinkId id = header_->free_head;
  if (id != 0) {
    header_->free_head = groups_[id - 1].next;
  } else if (header_->high_water < capacity_) {
    id = ++header_->high_water;
  } else {
    ++header_->left_alone;
    return claim;
  }
  LinkGroup& group = groups_[id - 1];
  group.source = source;
  group.unseen = names;
  group.dir = kNoId;
  group.next = bucket;
  group.state = LinkGroup::kHeld + worker;
  bucket = id;
  claim.role = LinkClaim::Role::kLead;
  claim.id = id - 1;
  return claim;
}

bool LinkTable::settle(LinkId id, DirId dir, std::string_view name, const Identity& destination) {
  LinkGroup& group = groups_[id];
  const std::uint32_t kept = names_.keep(name);
  if (kept == NameArena::kFull) {
    ++header_->left_alone;
    group.state = LinkGroup::kVacant;
    return false;
  }
  group.dir = dir;
  group.name = kept;
  group.name_length = static_cast<std::uint32_t>(name.size());
  group.destination = destination;
  group.state = LinkGroup::kReady;
  return true;
}

void LinkTable::abandon(LinkId id) { groups_[id].state = LinkGroup::kVacant; }

bool LinkTable::lead_again(const LinkClaim& seen, const Identity& source, std::uint32_t worker) {
  LinkGroup& group = groups_[seen.id];
  const bool same = group.source == source && group.dir == seen.dir && group.destination == seen.destination;
  if (group.state != LinkGroup::kReady || !same) return false;
  group.state = LinkGroup::kHeld + worker;
  names_.drop(group.name, group.name_length);
  return true;
}

void LinkTable::hand_to_big_file(LinkId id) { groups_[id].state = LinkGroup::kBig; }

bool LinkTable::is_big(LinkId id, const Identity& source) const noexcept {
  return groups_[id].state == LinkGroup::kBig && groups_[id].source == source;
}

bool LinkTable::seen(LinkId id, DirId& dir) {
  LinkGroup& group = groups_[id];
  if (group.unseen > 0) --group.unseen;
  if (group.unseen > 0 || header_->keep_all != 0 || group.state != LinkGroup::kReady) return false;
  dir = group.dir;
  free_group(id);
  return true;
}

void LinkTable::free_group(LinkId id) {
  LinkGroup& group = groups_[id];
  group.state = LinkGroup::kFree;
  LinkId* link = &header_->buckets[bucket_of(group.source)];
  while (*link != id + 1) link = &groups_[*link - 1].next;
  *link = group.next;
  names_.drop(group.name, group.name_length);
  group.next = header_->free_head;
  header_->free_head = id + 1;
}

void LinkTable::release_held_by(std::uint32_t worker) {
  for (LinkId id = 0; id < header_->high_water; ++id) {
    if (groups_[id].state == LinkGroup::kHeld + worker) groups_[id].state = LinkGroup::kVacant;
  }
}

void LinkTable::release_big_but(const std::function<bool(LinkId)>& wanted) {
  for (LinkId id = 0; id < header_->high_water; ++id) {
    if (groups_[id].state == LinkGroup::kBig && !wanted(id)) groups_[id].state = LinkGroup::kVacant;
  }
}

void LinkTable::rebuild(const std::function<void(DirId)>& referenced) {
  std::memset(header_->buckets, 0, sizeof(header_->buckets));
  header_->free_head = 0;
  for (LinkId id = 0; id < header_->high_water; ++id) {
    LinkGroup& group = groups_[id];
    LinkId& list = group.state == LinkGroup::kFree ? header_->free_head : header_->buckets[bucket_of(group.source)];
    group.next = list;
    list = id + 1;
    if (group.state == LinkGroup::kReady) referenced(group.dir);
  }
}

}  // namespace mtask::copy
