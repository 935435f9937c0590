#include "copy/board.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <vector>

#include "os/futex.hpp"

namespace mtask::copy {

std::size_t Board::room(std::uint32_t workers, std::uint32_t roots, std::uint32_t link_groups) {
  using os::SharedRegion;
  return SharedRegion::room<Control>(1) + SharedRegion::room<WorkerCounters>(workers) +
         2 * SharedRegion::room<Identity>(roots) + SharedRegion::room<Directory>(kDirectories) +
         SharedRegion::room<NameBlock>(kBlocks) + SharedRegion::room<BigFile>(kBigs) + NameArena::room(kNameUnits) +
         LinkTable::room(link_groups) + Queue::room(kSlots);
}

Result<std::unique_ptr<Board>> Board::create(std::uint32_t workers, std::uint32_t roots, std::uint32_t link_groups) {
  auto region = os::SharedRegion::map(room(workers, roots, link_groups));
  if (!region) return Unexpected(std::move(region).error());
  return std::unique_ptr<Board>(new Board(*std::move(region), workers, roots, link_groups));
}

Board::Board(os::SharedRegion region, std::uint32_t workers, std::uint32_t roots, std::uint32_t link_groups)
    : region_(std::move(region)),
      control_(region_.carve<Control>(1)),
      counters_(region_.carve<WorkerCounters>(workers)),
      root_sources_(region_.carve<Identity>(roots)),
      root_destinations_(region_.carve<Identity>(roots)),
      directories_(region_.carve<Directory>(kDirectories)),
      blocks_(region_.carve<NameBlock>(kBlocks)),
      bigs_(region_.carve<BigFile>(kBigs)),
      names_(region_, kNameUnits),
      links_(region_, names_, link_groups),
      queue_(region_, kSlots) {
  for (BlockId id = kBlocks; id-- > 0;) control_->free_blocks[control_->free_block_count++] = id;
}

// --- items -----------------------------------------------------------------------------------------------------------

std::optional<Board::SlotId> Board::lease(Lock& lock, std::uint32_t worker) {
  static constexpr std::array<unsigned, kLanes> kUsual{kLaneUrgent, kLaneBatch, kLaneWalk};
  static constexpr std::array<unsigned, kLanes> kCrowded{kLaneUrgent, kLaneWalk, kLaneBatch};
  for (const unsigned lane : control_->live_directories > kManyDirectories ? kCrowded : kUsual) {
    if (auto slot = queue_.lease(lock, worker, lane)) return slot;
  }
  return std::nullopt;
}

std::optional<Board::SlotId> Board::next(std::uint32_t worker) {
  bool slept = false;
  for (;;) {
    std::uint32_t ticket = 0;
    {
      Lock lock(*this);
      if (slept) queue_.woke(lock);
      if (halted() != Halt::kNo) return std::nullopt;
      if (auto slot = lease(lock, worker)) return slot;
      if (queue_.live(lock) == 0) return std::nullopt;
      ticket = queue_.about_to_wait(lock);
      slept = true;
    }
    queue_.wait(ticket, std::chrono::milliseconds(100));
  }
}

std::optional<Board::SlotId> Board::next_urgent(std::uint32_t worker) {
  Lock lock(*this);
  return queue_.lease(lock, worker, kLaneUrgent);
}

bool Board::complete(SlotId slot) {
  Lock lock(*this);
  return complete(lock, slot);
}

void Board::complete_for_dead(SlotId slot) {
  Lock lock(*this);
  if (complete(lock, slot)) queue_.requeue(lock, slot);
}

// Every store that changes the truth comes last in its step, so that rebuild() can go on from any point in between.
bool Board::complete(Lock& lock, SlotId slot) {
  Item& item = queue_.item(slot);
  const DirId dir = item.dir;
  switch (item.kind) {
    case ItemKind::kBatch:
      if (item.block != kNoId) control_->free_blocks[control_->free_block_count++] = item.block;
      break;
    case ItemKind::kRange:
      if (--bigs_[item.big].items == 0) {
        bigs_[item.big].items = 1;
        queue_.start_over(lock, slot);
        item.kind = ItemKind::kSeal;
        return true;
      }
      break;
    case ItemKind::kSeal:
      free_big(item.big);
      break;
    case ItemKind::kFinish: {
      Directory& done = directories_[dir];
      --done.pending;
      const bool first_time = done.state == Directory::kLive;
      const DirId parent = done.parent;
      done.state = Directory::kDone;
      if (first_time) --control_->live_directories;
      if (first_time && parent != kNoId && --directories_[parent].pending == 0) {
        const bool follows = turn_into_finish(lock, slot, parent);
        forget_if_unused(dir);
        return follows;
      }
      queue_.release(lock, slot);
      forget_if_unused(dir);
      return false;
    }
    case ItemKind::kWalk:
      break;
  }
  if (--directories_[dir].pending == 0) return turn_into_finish(lock, slot, dir);
  queue_.release(lock, slot);
  return false;
}

bool Board::turn_into_finish(Lock& lock, SlotId slot, DirId dir) {
  Item& item = queue_.item(slot);
  directories_[dir].pending = 1;
  queue_.start_over(lock, slot);
  item.kind = ItemKind::kFinish;
  item.dir = dir;
  return true;
}

void Board::recover(std::uint32_t worker, const std::function<bool(SlotId, std::uint32_t)>& again) {
  struct Lost {
    SlotId slot;
    std::uint32_t deaths;
  };
  std::vector<Lost> lost;
  {
    Lock lock(*this);
    control_->deaths.fetch_add(1, std::memory_order_relaxed);
    links_.keep_all();
    links_.release_held_by(worker);
    release_orphaned_links();
    queue_.for_each_leased(lock, worker, [&](SlotId slot, const Item&) { lost.push_back({slot, 0}); });
    const auto may_wait = [&](const Lost& item) { return may_wait_for_others(queue_.item(item.slot).kind); };
    const bool helped = !std::all_of(lost.begin(), lost.end(), may_wait);
    for (Lost& item : lost) {
      if (helped && may_wait(item)) {
        queue_.lose_holder(lock, item.slot);
      } else {
        item.deaths = queue_.count_death(lock, item.slot);
      }
    }
  }
  for (const Lost& item : lost) {
    if (!again(item.slot, item.deaths)) continue;
    Lock lock(*this);
    queue_.requeue(lock, item.slot);
  }
  announce_change();
}

bool Board::first_warning(Warning about) {
  const std::uint32_t bit = 1U << static_cast<unsigned>(about);
  return (control_->warned.fetch_or(bit, std::memory_order_relaxed) & bit) == 0;
}

std::uint32_t Board::live_items() {
  Lock lock(*this);
  return queue_.live(lock);
}

// --- directories -----------------------------------------------------------------------------------------------------

std::optional<DirId> Board::take_directory(std::string_view name) {
  const std::uint32_t kept = names_.keep(name);
  if (kept == NameArena::kFull) return std::nullopt;
  DirId id = control_->free_directory;
  if (id != 0) {
    control_->free_directory = directories_[id - 1].next_free;
    --id;
  } else if (control_->directories_high_water < kDirectories) {
    id = control_->directories_high_water++;
  } else {
    names_.drop(kept, name.size());
    return std::nullopt;
  }
  Directory& entry = directories_[id];
  ++entry.generation;
  entry.name = kept;
  entry.name_length = static_cast<std::uint32_t>(name.size());
  entry.flags = 0;
  entry.pending = entry.references = 0;
  return id;
}

bool Board::add_operand(std::uint32_t root, std::uint32_t flags) {
  Lock lock(*this);
  const auto id = take_directory("");
  if (!id) return false;
  Directory& entry = directories_[*id];
  entry.parent = kNoId;
  entry.root = root;
  entry.flags = flags | Directory::kOperand | Directory::kOpened;
  entry.pending = 1;
  entry.state = Directory::kLive;
  ++control_->live_directories;
  return queue_.push(lock, {ItemKind::kBatch, *id, kNoId, kNoId, 0, 0}, kLaneBatch).has_value();
}

bool Board::add_directory(DirId parent, std::string_view name, std::uint32_t flags, bool maybe_known) {
  Lock lock(*this);
  if (maybe_known) {  // its finder died: it may stand in the table already
    for (DirId id = 0; id < control_->directories_high_water; ++id) {
      const Directory& other = directories_[id];
      if (other.state == Directory::kLive && other.parent == parent && this->name(id) == name) return true;
    }
  }
  const auto id = take_directory(name);
  if (!id) return false;
  Directory& entry = directories_[*id];
  entry.parent = parent;
  entry.root = directories_[parent].root;
  entry.flags = flags;
  entry.pending = 1;
  if (!queue_.push(lock, {ItemKind::kWalk, *id, kNoId, kNoId, 0, 0}, kLaneWalk, Queue::End::kFront)) {
    names_.drop(entry.name, entry.name_length);
    entry.next_free = control_->free_directory;
    control_->free_directory = *id + 1;
    return false;
  }
  ++directories_[parent].pending;
  ++directories_[parent].references;
  ++control_->live_directories;
  entry.state = Directory::kLive;
  return true;
}

void Board::forget_if_unused(DirId dir) {
  while (dir != kNoId) {
    Directory& entry = directories_[dir];
    if (entry.state != Directory::kDone || entry.references > 0 || entry.pending > 0) return;
    const DirId parent = entry.parent;
    entry.state = Directory::kFree;
    names_.drop(entry.name, entry.name_length);
    entry.next_free = control_->free_directory;
    control_->free_directory = dir + 1;
    if (parent != kNoId) --directories_[parent].references;
    dir = parent;
  }
}

bool Board::publish(DirId dir, const NameBlock& block) {
  Lock lock(*this);
  if (control_->free_block_count == 0) return false;
  const BlockId id = control_->free_blocks[control_->free_block_count - 1];
  blocks_[id] = block;
  if (!queue_.push(lock, {ItemKind::kBatch, dir, id, kNoId, 0, 0}, kLaneBatch)) return false;
  --control_->free_block_count;
  ++directories_[dir].pending;
  return true;
}

std::optional<Board::SlotId> Board::continue_as_batch(SlotId slot, std::uint32_t worker, const NameBlock& block) {
  Lock lock(*this);
  if (control_->free_block_count == 0) return std::nullopt;
  const BlockId id = control_->free_blocks[control_->free_block_count - 1];
  blocks_[id] = block;
  auto batch = queue_.push_leased(lock, {ItemKind::kBatch, queue_.item(slot).dir, id, kNoId, 0, 0}, worker, kLaneBatch);
  if (!batch) return std::nullopt;
  --control_->free_block_count;
  queue_.release(lock, slot);
  return batch;
}

// --- big files -------------------------------------------------------------------------------------------------------

bool Board::add_big(const BigFile& file, std::string_view name, std::uint32_t ranges) {
  Lock lock(*this);
  for (BigId id = 0; id < kBigs; ++id) {
    BigFile& entry = bigs_[id];
    if (entry.state != BigFile::kFree || entry.items > 0) continue;
    const std::uint32_t kept = names_.keep(name);
    if (kept == NameArena::kFull) return false;
    std::memcpy(static_cast<void*>(&entry.dir), &file.dir, sizeof(BigFile) - offsetof(BigFile, dir));
    entry.name = kept;
    entry.name_length = static_cast<std::uint32_t>(name.size());
    entry.failed = 0;
    entry.items = 1;
    entry.state = BigFile::kLive;
    if (file.link != kNoId) links_.hand_to_big_file(file.link);
    if (!queue_.push(lock, {ItemKind::kRange, file.dir, kNoId, id, 0, ranges}, kLaneUrgent)) {
      free_big(id);
      if (file.link != kNoId) links_.abandon(file.link);
      return false;
    }
    ++directories_[file.dir].pending;
    return true;
  }
  return false;
}

void Board::free_big(BigId id) {
  bigs_[id].items = 0;
  if (bigs_[id].state == BigFile::kFree) return;  // redone
  bigs_[id].state = BigFile::kFree;
  names_.drop(bigs_[id].name, bigs_[id].name_length);
}

void Board::split_range(SlotId slot) {
  Lock lock(*this);
  Item& item = queue_.item(slot);
  if (item.count <= 1) return;
  Item rest = item;
  ++rest.first;
  --rest.count;
  if (!queue_.push(lock, rest, kLaneUrgent)) return;
  ++bigs_[item.big].items;
  ++directories_[item.dir].pending;
  item.count = 1;
}

// --- hard links ------------------------------------------------------------------------------------------------------

LinkClaim Board::claim_link(const Identity& source, std::uint32_t names, std::uint32_t worker) {
  Lock lock(*this);
  return links_.claim(source, names, worker);
}

void Board::settle_link(LinkId id, DirId dir, std::string_view name, const Identity& destination) {
  Lock lock(*this);
  if (links_.settle(id, dir, name, destination)) ++directories_[dir].references;
  announce_change();
}

void Board::abandon_link(LinkId id) {
  Lock lock(*this);
  links_.abandon(id);
  announce_change();
}

bool Board::lead_link_again(const LinkClaim& claim, const Identity& source, std::uint32_t worker) {
  Lock lock(*this);
  if (!links_.lead_again(claim, source, worker)) return false;
  --directories_[claim.dir].references;
  forget_if_unused(claim.dir);
  return true;
}

void Board::settle_big_link(const BigFile& file, std::string_view name) {
  {
    Lock lock(*this);
    if (file.link == kNoId || !links_.is_big(file.link, file.source)) return;
    if (links_.settle(file.link, file.dir, name, file.destination)) ++directories_[file.dir].references;
    announce_change();
  }
  link_seen(file.link);
}

void Board::abandon_big_link(const BigFile& file) {
  Lock lock(*this);
  if (file.link == kNoId || !links_.is_big(file.link, file.source)) return;
  links_.abandon(file.link);
  announce_change();
}

void Board::link_seen(LinkId id) {
  Lock lock(*this);
  DirId dir = kNoId;
  if (!links_.seen(id, dir)) return;
  --directories_[dir].references;
  forget_if_unused(dir);
}

void Board::announce_change() noexcept {
  control_->change_word.fetch_add(1, std::memory_order_release);
  os::futex_wake(control_->change_word, INT32_MAX);
}

void Board::wait_for_change() {
  os::futex_wait(control_->change_word, control_->change_word.load(std::memory_order_acquire),
                 std::chrono::milliseconds(2));
}

// --- the whole run ---------------------------------------------------------------------------------------------------

void Board::halt(Halt why, std::string_view message) {
  Lock lock(*this);
  if (halted() == Halt::kNo) {
    const std::size_t length = std::min(message.size(), sizeof(control_->halt_message) - 1);
    std::memcpy(control_->halt_message, message.data(), length);
    control_->halt_message[length] = '\0';
    control_->halt.store(static_cast<std::uint32_t>(why), std::memory_order_release);
  }
  lock.wake_all();
}

}  // namespace mtask::copy
