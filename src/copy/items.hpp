#pragma once
// What copy's workers hand each other in shared memory. All types here are trivially copyable and valid when zeroed.

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace mtask::copy {

using DirId = std::uint32_t;
using BlockId = std::uint32_t;
using BigId = std::uint32_t;
using LinkId = std::uint32_t;
inline constexpr std::uint32_t kNoId = UINT32_MAX;

// A file by identity rather than by name.
struct Identity {
  dev_t device;
  ino_t inode;
  friend bool operator==(const Identity&, const Identity&) = default;
};

enum class ItemKind : std::uint8_t {
  kWalk,    // list a directory, batch by batch
  kBatch,   // copy the entries of a NameBlock
  kRange,   // copy part of a big file
  kSeal,    // all ranges are there: metadata and final name of a big file
  kFinish,  // everything inside is done: the directory's own metadata
};

// Its holder may lease another item, of another kind, before it is done.
[[nodiscard]] constexpr bool may_wait_for_others(ItemKind kind) noexcept {
  return kind == ItemKind::kWalk || kind == ItemKind::kBatch;
}

struct Item {
  ItemKind kind;
  DirId dir;            // the directory it belongs to, and keeps pending
  BlockId block;        // kBatch
  BigId big;            // kRange, kSeal
  std::uint32_t first;  // kRange: first of the ranges that are left …
  std::uint32_t count;  // … and how many
};

// Lanes of the queue, most urgent first.
enum Lane : unsigned { kLaneUrgent, kLaneBatch, kLaneWalk, kLanes };

// A batch of directory entries: d_type, length, name, NUL; packed.
class NameBlock {
 public:
  static constexpr std::size_t kBytes = 8192;
  static constexpr std::uint32_t kMaxEntries = 256;

  void clear() noexcept { count_ = used_ = 0; }
  // False when the entry doesn't fit any more.
  bool add(std::string_view name, unsigned char type) noexcept {
    if (count_ == kMaxEntries || used_ + name.size() + 3 > sizeof(bytes_) || name.size() > 255) return false;
    bytes_[used_] = static_cast<char>(type);
    bytes_[used_ + 1] = static_cast<char>(static_cast<unsigned char>(name.size()));
    std::memcpy(bytes_ + used_ + 2, name.data(), name.size());
    bytes_[used_ + 2 + name.size()] = '\0';
    used_ += static_cast<std::uint32_t>(name.size() + 3);
    ++count_;
    return true;
  }
  [[nodiscard]] std::uint32_t count() const noexcept { return count_; }

  struct Entry {
    const char* name;  // NUL-terminated
    std::uint32_t length;
    unsigned char type;  // DT_*
    [[nodiscard]] std::string_view view() const noexcept { return {name, length}; }
  };
  // Reads the entry at byte `offset` (0 for the first) and moves the offset on.
  [[nodiscard]] Entry next(std::uint32_t& offset) const noexcept {
    const auto length = static_cast<unsigned char>(bytes_[offset + 1]);
    const Entry entry{bytes_ + offset + 2, length, static_cast<unsigned char>(bytes_[offset])};
    offset += length + 3U;
    return entry;
  }

 private:
  std::uint32_t count_;
  std::uint32_t used_;
  char bytes_[kBytes - 2 * sizeof(std::uint32_t)];
};

// A directory of the run, from its discovery until all inside is done (and longer while hard links refer to it).
struct Directory {
  enum State : std::uint32_t { kFree, kLive, kDone };
  enum Flag : std::uint32_t {
    kOperand = 1,      // stands for a source operand's parent; has one entry and no metadata of its own
    kOpened = 2,       // the identities below are known
    kFresh = 4,        // this run made the destination, so nothing is in it yet
    kDefaultAcl = 8,   // the destination hands a default ACL down
    kAbsent = 16,      // dry run: the destination doesn't exist
    kTouched = 32,     // entries were deleted from the destination
    kListed = 64,      // its entries come from the list of paths, not from reading it
    kWidened = 256,    // a user's own directory that denied him; see widened_from
    kSettled = 512,    // an earlier run finished the destination at settled_at, and no entry came or went since
    kNoDescend = 128,  // mount point left out: made, not walked
    kDiffers = 1024,   // the destination was there, with other metadata
    kMade = 2048,      // this run made the destination; unlike kFresh it stays when a worker dies
  };
  std::uint32_t state;
  std::atomic<std::uint32_t> flags;
  std::uint32_t generation;  // moves on when the entry is used anew
  DirId parent;              // kNoId for an operand
  std::uint32_t root;        // which operand
  std::uint32_t name;        // in the NameArena
  std::uint32_t name_length;
  std::uint32_t pending;     // derived: items of it, plus live directories below
  std::uint32_t references;  // derived: directories and links that name it
  DirId next_free;
  Identity source;
  Identity destination;
  timespec atime;       // the source's, before it was read
  mode_t widened_from;  // kWidened: the destination's mode before
  timespec settled_at;  // kSettled: the destination's change time
};

// A file copied in ranges by several workers.
struct BigFile {
  enum State : std::uint32_t { kFree, kLive };
  static constexpr std::uint32_t kGivenUp = 1U << 18;  // no errno: workers were killed at one of its ranges
  std::atomic<std::uint32_t> state;
  std::atomic<std::uint32_t> failed;  // errno of the first range that failed
  DirId dir;
  std::uint32_t name;
  std::uint32_t name_length;
  std::uint32_t items;    // derived: slots that refer to it
  std::uint32_t attempt;  // 1 for the first
  std::uint32_t sparse;
  LinkId link;         // the group that waits for it, or kNoId
  char temporary[96];  // its name until it is whole
  Identity source;
  Identity destination;  // of the temporary file
  off_t size;
  timespec mtime;
  timespec atime;
  std::uint64_t item_number;
};

// Names of one file that has several.
struct LinkGroup {
  enum State : std::uint32_t {
    kFree,
    kVacant,  // known, and nobody copies it: the next one does
    kReady,   // its first name stands in the destination
    kBig,     // being copied in ranges
    kHeld,    // kHeld + worker: being copied by that worker
  };
  std::atomic<std::uint32_t> state;
  LinkId next;  // in its bucket
  Identity source;
  Identity destination;
  DirId dir;  // of the first name, in the destination
  std::uint32_t name;
  std::uint32_t name_length;
  std::uint32_t unseen;  // names not met yet
};

// What a worker has done; written by it alone, read by the supervisor. All-zero at the start, kept over its restart.
struct alignas(64) WorkerCounters {
  std::atomic<std::uint64_t> bytes;         // moved so far, also of files that fail in the end
  std::atomic<std::uint64_t> bytes_placed;  // of files that got their name
  std::atomic<std::uint64_t> items, files, directories, links, symlinks, specials, updated, skipped, excluded, deleted,
      failed, retried, warnings, bytes_cloned;
  std::atomic<std::uint32_t> current_length;
  char current[256];
};

inline void count(std::atomic<std::uint64_t>& counter, std::uint64_t more = 1) noexcept {
  counter.store(counter.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);  // one writer
}

}  // namespace mtask::copy
