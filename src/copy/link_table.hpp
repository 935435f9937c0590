#pragma once
// Which names of a hard-linked file were met, over all workers: the first one is copied, the others become links to it.
//
// In shared memory; the caller holds the board's lock in all calls. A group is forgotten once all its names were met,
// unless told otherwise: after a worker's death a name may be met twice.

#include <cstdint>
#include <functional>
#include <string>

#include "copy/items.hpp"
#include "copy/name_arena.hpp"
#include "os/shared_region.hpp"

namespace mtask::copy {

struct LinkClaim {
  enum class Role : std::uint8_t {
    kLead,    // copy it, then settle() or abandon()
    kFollow,  // link to the name below
    kBusy,    // another worker copies it at this moment
    kAlone,   // the table is full: treat it as a file with one name
  };
  Role role = Role::kAlone;
  LinkId id = kNoId;
  DirId dir = kNoId;  // kFollow: where its first name stands
  std::string name;
  Identity destination{};
};

class LinkTable {
 public:
  static constexpr std::uint32_t kCapacity = 1U << 20;
  static constexpr std::uint32_t kBuckets = 1U << 16;

  // `capacity`: groups at one time.
  LinkTable(os::SharedRegion& region, NameArena& names, std::uint32_t capacity = kCapacity);
  [[nodiscard]] static constexpr std::size_t room(std::uint32_t capacity = kCapacity) {
    return os::SharedRegion::room<Header>(1) + os::SharedRegion::room<LinkGroup>(capacity);
  }

  LinkClaim claim(const Identity& source, std::uint32_t names, std::uint32_t worker);
  // The leader's name stands in the destination. Returns false when the group can't be kept (arena full).
  bool settle(LinkId id, DirId dir, std::string_view name, const Identity& destination);
  void abandon(LinkId id);
  // The name that `seen` tells of is no longer a name of the copy: `worker` leads anew. False when the group has moved
  // on since then; on true the directory of that name has one reference less.
  bool lead_again(const LinkClaim& seen, const Identity& source, std::uint32_t worker);
  void hand_to_big_file(LinkId id);
  [[nodiscard]] bool is_big(LinkId id, const Identity& source) const noexcept;
  // One more name is in place. Returns true when the group was forgotten; `dir` then has one reference less.
  bool seen(LinkId id, DirId& dir);

  // A worker died: what it was copying is free for the next one.
  void release_held_by(std::uint32_t worker);
  // Groups in the hands of a big file, but for those of which `wanted` says so.
  void release_big_but(const std::function<bool(LinkId)>& wanted);
  // Derives chains and free list anew; tells the directory of every group that has one.
  void rebuild(const std::function<void(DirId)>& referenced);

  void keep_all() noexcept { header_->keep_all = 1; }

  // Names that no other name could be linked to, or that could not be linked, because the table or the arena was full.
  // One that was met again after a death counts again.
  [[nodiscard]] std::uint64_t names_left_alone() const noexcept { return header_->left_alone; }

 private:
  struct Header {
    LinkId buckets[kBuckets];  // id + 1
    LinkId free_head;          // id + 1
    std::uint32_t high_water;
    std::uint32_t keep_all;
    std::uint64_t left_alone;
  };
  [[nodiscard]] static std::uint32_t bucket_of(const Identity& source) noexcept;
  void free_group(LinkId id);

  Header* header_;
  LinkGroup* groups_;
  NameArena& names_;
  std::uint32_t capacity_;
};

}  // namespace mtask::copy
