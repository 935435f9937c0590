// After a death inside the lock: what is derived, anew from what is true. Runs with the lock held.

#include <array>

#include "copy/board.hpp"

namespace mtask::copy {

// Groups that wait for a big file which nobody copies any more: whoever published it died half-way, or it was given up.
void Board::release_orphaned_links() {
  links_.release_big_but([this](LinkId link) {
    for (BigId id = 0; id < kBigs; ++id) {
      if (bigs_[id].state == BigFile::kLive && bigs_[id].link == link) return true;
    }
    return false;
  });
}

void Board::rebuild(Lock& lock) {
  queue_.rebuild(lock);
  names_.rebuild();
  std::array<bool, kBlocks> used{};
  const std::uint32_t high_water = control_->directories_high_water;
  for (DirId id = 0; id < high_water; ++id) directories_[id].pending = directories_[id].references = 0;
  for (BigId id = 0; id < kBigs; ++id) bigs_[id].items = 0;
  queue_.for_each(lock, [&](SlotId, const Item& item) {
    Directory& entry = directories_[item.dir];
    ++entry.pending;
    // A walk is pushed before its directory is declared live.
    if (item.kind == ItemKind::kWalk && entry.state == Directory::kFree) entry.state = Directory::kLive;
    if (item.kind == ItemKind::kBatch && item.block != kNoId) used[item.block] = true;
    if (item.kind == ItemKind::kRange || item.kind == ItemKind::kSeal) ++bigs_[item.big].items;
  });
  for (BigId id = 0; id < kBigs; ++id) {
    if (bigs_[id].items == 0) bigs_[id].state = BigFile::kFree;  // whoever made it died before anybody knew
  }
  control_->free_block_count = 0;
  for (BlockId id = 0; id < kBlocks; ++id) {
    if (!used[id]) control_->free_blocks[control_->free_block_count++] = id;
  }
  release_orphaned_links();
  links_.rebuild([&](DirId dir) { ++directories_[dir].references; });

  control_->free_directory = 0;
  control_->live_directories = 0;
  for (DirId id = 0; id < high_water; ++id) {
    Directory& entry = directories_[id];
    if (entry.state == Directory::kLive && entry.parent != kNoId) ++directories_[entry.parent].pending;
    if (entry.state != Directory::kFree && entry.parent != kNoId) ++directories_[entry.parent].references;
  }
  for (DirId id = 0; id < high_water; ++id) {
    Directory& entry = directories_[id];
    if (entry.state == Directory::kLive) {
      ++control_->live_directories;
      if (entry.pending == 0) {  // the last one inside is done, and its holder died before it went on
        entry.pending = 1;
        static_cast<void>(queue_.push(lock, {ItemKind::kFinish, id, kNoId, kNoId, 0, 0}, kLaneUrgent));
      }
    } else if (entry.state == Directory::kFree && entry.pending == 0) {
      entry.next_free = control_->free_directory;
      control_->free_directory = id + 1;
    }
  }
  for (DirId id = 0; id < high_water; ++id) {
    if (directories_[id].state == Directory::kDone) forget_if_unused(id);
  }
}

}  // namespace mtask::copy
