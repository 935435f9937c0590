#pragma once
// The state that all workers of a run share: the queue of items, the directories, big files, link groups, counters.
//
// Mapped before the fork. All methods are safe to call from any of the processes, killed at any moment; they take the
// lock themselves. The truth is in the states of slots, directories, big files and groups; lists and counts are derived
// and are computed anew when a process died while it held the lock.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "copy/items.hpp"
#include "copy/link_table.hpp"
#include "copy/name_arena.hpp"
#include "mtask/result.hpp"
#include "os/shared_region.hpp"
#include "workers/shared_queue.hpp"

namespace mtask::copy {

// Asks all workers to end early.
enum class Halt : std::uint32_t { kNo, kStopped, kOutOfSpace };

// What is told once in a run.
enum class Warning : unsigned { kOwner, kXattr, kAcl, kTimes, kMode };

class Board {
 public:
  using Queue = workers::SharedQueue<Item, kLanes>;
  using SlotId = workers::SlotId;

  // `link_groups`: files with several names that are under way at one time.
  [[nodiscard]] static Result<std::unique_ptr<Board>> create(std::uint32_t workers, std::uint32_t roots,
                                                             std::uint32_t link_groups = LinkTable::kCapacity);

  // --- items -------------------------------------------------------------------------------------------------------

  // The next item for `worker`; waits while others may still produce some. Nothing: all is done, or a halt was asked.
  [[nodiscard]] std::optional<SlotId> next(std::uint32_t worker);
  // The next urgent item, if there is one, such as a range of a big file; doesn't wait.
  [[nodiscard]] std::optional<SlotId> next_urgent(std::uint32_t worker);
  [[nodiscard]] const Item& item(SlotId slot) { return queue_.item(slot); }
  [[nodiscard]] std::atomic<std::uint32_t>& at(SlotId slot) { return queue_.at(slot); }
  [[nodiscard]] bool redone(SlotId slot) const { return queue_.redone(slot); }

  // The item is done. True: the slot, still the caller's, now holds what follows from that (kSeal or kFinish).
  [[nodiscard]] bool complete(SlotId slot);
  // As complete(), for an item whose holder died: what follows becomes ready.
  void complete_for_dead(SlotId slot);

  // Takes the dead worker's leases: calls `again(slot, deaths)` for each, which tells whether it becomes ready again.
  // A walk or batch that waited for a big file while its holder helped with that has no death from it.
  void recover(std::uint32_t worker, const std::function<bool(SlotId, std::uint32_t deaths)>& again);
  [[nodiscard]] std::uint32_t live_items();

  // --- directories -------------------------------------------------------------------------------------------------

  // A source operand: a directory entry that stands for its parent, and a batch without a block, which means its one
  // name. `flags`: kAbsent, kDefaultAcl. False when the tables are full.
  [[nodiscard]] bool add_operand(std::uint32_t root, std::uint32_t flags);
  // What the operand's directory became; zero until it was entered.
  // The operand's directory itself; zero until it was entered.
  [[nodiscard]] Identity& root_source(std::uint32_t root) noexcept { return root_sources_[root]; }
  [[nodiscard]] Identity& root_destination(std::uint32_t root) noexcept { return root_destinations_[root]; }
  // A directory below `parent`, to be walked. False when the tables are full.
  [[nodiscard]] bool add_directory(DirId parent, std::string_view name, std::uint32_t flags, bool maybe_known);
  [[nodiscard]] Directory& directory(DirId dir) noexcept { return directories_[dir]; }
  [[nodiscard]] std::string_view name(DirId dir) const noexcept {
    return {names_.get(directories_[dir].name), directories_[dir].name_length};
  }

  // Publishes a batch of entries of `dir`; false when there is no room: the caller does it himself.
  [[nodiscard]] bool publish(DirId dir, const NameBlock& block);
  // The walk held in `slot` is through but for this last batch: the caller holds that instead. Nothing: no room.
  [[nodiscard]] std::optional<SlotId> continue_as_batch(SlotId slot, std::uint32_t worker, const NameBlock& block);
  [[nodiscard]] const NameBlock& block(BlockId id) const noexcept { return blocks_[id]; }

  // --- big files ---------------------------------------------------------------------------------------------------

  // Publishes a file in `ranges` ranges, its link group with it; false when the table is full. `file` needs no state.
  [[nodiscard]] bool add_big(const BigFile& file, std::string_view name, std::uint32_t ranges);
  [[nodiscard]] BigFile& big(BigId id) noexcept { return bigs_[id]; }
  [[nodiscard]] std::string_view big_name(BigId id) const noexcept {
    return {names_.get(bigs_[id].name), bigs_[id].name_length};
  }
  // Those not sealed; for the supervisor, when no worker is left.
  template <class Visit>
  void for_each_big(Visit visit) {
    for (BigId id = 0; id < kBigs; ++id) {
      if (bigs_[id].state == BigFile::kLive) visit(bigs_[id]);
    }
  }
  // The range item in `slot` becomes its first range alone; the others are a new item.
  void split_range(SlotId slot);

  // --- hard links --------------------------------------------------------------------------------------------------

  [[nodiscard]] LinkClaim claim_link(const Identity& source, std::uint32_t names, std::uint32_t worker);
  void settle_link(LinkId id, DirId dir, std::string_view name, const Identity& destination);
  void abandon_link(LinkId id);
  // For a claim to follow whose first name has become another file's; false: claim it once more.
  [[nodiscard]] bool lead_link_again(const LinkClaim& claim, const Identity& source, std::uint32_t worker);
  // The same for the group of a big file, if it still is that file's: a redone seal may come late.
  void settle_big_link(const BigFile& file, std::string_view name);
  void abandon_big_link(const BigFile& file);
  void link_seen(LinkId id);
  void keep_link_groups() { links_.keep_all(); }
  [[nodiscard]] std::uint64_t names_left_alone() {
    Lock lock(*this);
    return links_.names_left_alone();
  }
  // Sleeps until some link group may have changed, or a short time-out.
  void wait_for_change();

  // --- the whole run -----------------------------------------------------------------------------------------------

  void halt(Halt why, std::string_view message);
  [[nodiscard]] Halt halted() const noexcept {
    return static_cast<Halt>(control_->halt.load(std::memory_order_relaxed));
  }
  [[nodiscard]] std::string halt_message() const { return control_->halt_message; }
  // True for the first one in the run who asks.
  [[nodiscard]] bool first_warning(Warning about);
  [[nodiscard]] WorkerCounters& counters(std::uint32_t worker) noexcept { return counters_[worker]; }
  [[nodiscard]] std::uint32_t deaths() const noexcept { return control_->deaths.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t new_item_number() noexcept {
    return control_->items.fetch_add(1, std::memory_order_relaxed) + 1;
  }
  // Totals that the scout found so far.
  struct Totals {
    std::atomic<std::uint64_t> items, bytes;
    std::atomic<std::uint32_t> known;
  };
  [[nodiscard]] Totals& totals() noexcept { return control_->totals; }
  // The moment, in nanoseconds of the steady clock, when the next byte may be copied under a rate limit.
  [[nodiscard]] std::atomic<std::int64_t>& rate_clock() noexcept { return control_->rate_clock; }

 private:
  static constexpr std::uint32_t kSlots = 1U << 20;
  static constexpr std::uint32_t kDirectories = 1U << 20;
  static constexpr std::uint32_t kBlocks = 512;
  static constexpr std::uint32_t kBigs = 256;
  static constexpr std::uint32_t kNameUnits = 1U << 23;        // 128 MiB of names at most
  static constexpr std::uint32_t kManyDirectories = 1U << 12;  // from here on, finish some before finding more

  struct Control {
    alignas(64) std::atomic<std::uint32_t> halt;
    char halt_message[1024];
    std::atomic<std::uint32_t> deaths;
    std::atomic<std::uint32_t> warned;
    std::atomic<std::uint32_t> change_word;
    alignas(64) std::atomic<std::uint64_t> items;
    alignas(64) std::atomic<std::int64_t> rate_clock;
    Totals totals;
    // Derived, under the lock:
    alignas(64) std::uint32_t live_directories;
    std::uint32_t directories_high_water;
    DirId free_directory;  // id + 1
    std::uint32_t free_block_count;
    BlockId free_blocks[kBlocks];
  };

  class Lock : public Queue::Guard {
   public:
    explicit Lock(Board& board) : Guard(board.queue_) {
      if (!intact()) board.rebuild(*this);
    }
  };

  Board(os::SharedRegion region, std::uint32_t workers, std::uint32_t roots, std::uint32_t link_groups);
  static std::size_t room(std::uint32_t workers, std::uint32_t roots, std::uint32_t link_groups);

  std::optional<SlotId> lease(Lock& lock, std::uint32_t worker);
  bool complete(Lock& lock, SlotId slot);
  bool turn_into_finish(Lock& lock, SlotId slot, DirId dir);
  std::optional<DirId> take_directory(std::string_view name);
  void forget_if_unused(DirId dir);
  void free_big(BigId id);
  void release_orphaned_links();
  void rebuild(Lock& lock);
  void announce_change() noexcept;

  os::SharedRegion region_;
  Control* control_;
  WorkerCounters* counters_;
  Identity* root_sources_;
  Identity* root_destinations_;
  Directory* directories_;
  NameBlock* blocks_;
  BigFile* bigs_;
  NameArena names_;
  LinkTable links_;
  Queue queue_;
};

}  // namespace mtask::copy
