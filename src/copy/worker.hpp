#pragma once
// One worker process of a copy run: takes items from the board until none is left.
//
// Each kind of item is done in a file of its own: walk.cpp, entry.cpp (with regular_file.cpp, node.cpp, hard_link.cpp),
// big_file.cpp, prune.cpp. All redo is idempotent: an item may have been begun by a worker that was killed.

#include <dirent.h>
#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "copy/content.hpp"
#include "copy/directory_cache.hpp"
#include "copy/ignore_rules.hpp"
#include "copy/metadata.hpp"
#include "copy/placement.hpp"
#include "copy/reporter.hpp"
#include "copy/run_state.hpp"
#include "copy/write_errors.hpp"

namespace mtask::copy {

// What to do about what already has the name in the destination.
enum class Verdict : std::uint8_t {
  kCreate,  // nothing has it
  kReplace,
  kMend,  // the same contents: metadata alone
  kKeep,  // leave it
};

// An entry of a directory, on its way.
struct Entry {
  OpenDirectory* in;
  DirId dir;
  const char* name;  // in the source
  const char* destination_name;
  unsigned char type;          // DT_*, from the directory
  bool fresh;                  // nothing can have its name in the destination yet
  bool inherits_acl;           // the destination directory has a default ACL
  const timespec* settled_at;  // when an earlier run finished that directory; see may_differ_in_attributes()
  std::uint64_t item = 0;      // its number in the events; 0 when nobody asks
  struct stat status {};       // the source's
  bool status_known = false;
  bool exists = false;      // in the destination …
  struct stat existing {};  // … as this
  Verdict verdict = Verdict::kCreate;
};

class Worker {
 public:
  Worker(RunState& run, std::uint32_t id);

  // Works until nothing is left or the run was halted. The result is the process's exit status.
  int work();

 private:
  using SlotId = Board::SlotId;

  // False: the run was halted before the item was done. A walk may go on as a batch, in another slot.
  [[nodiscard]] bool execute(SlotId& slot);
  [[nodiscard]] bool halted() const noexcept { return board_.halted() != Halt::kNo; }

  // walk.cpp
  [[nodiscard]] bool walk(SlotId& slot);
  [[nodiscard]] Trouble enter(DirId dir, bool redone, OpenDirectoryRef& opened);
  [[nodiscard]] Trouble enter_destination(DirId dir, OpenDirectory& parent, bool redone, const struct stat& from,
                                          UniqueFd& fd, struct stat& status);
  [[nodiscard]] bool loops(DirId dir, const Identity& identity) const;
  [[nodiscard]] Trouble enter_ignore_rules(DirId dir, const OpenDirectory& opened);
  [[nodiscard]] bool list(SlotId& slot, DirId dir, OpenDirectoryRef opened);
  [[nodiscard]] bool list_read(DirId dir, OpenDirectoryRef& opened, NameBlock& block, bool redone);
  [[nodiscard]] bool list_given(DirId dir, OpenDirectoryRef& opened, NameBlock& block, bool redone);
  // Reports what is listed below an entry that is no directory; false: the entry itself isn't listed.
  [[nodiscard]] bool leads_on(DirId dir, const OpenDirectory& opened, const std::string& relative,
                              std::string_view name);
  [[nodiscard]] bool add_to_batch(DirId dir, OpenDirectoryRef& opened, NameBlock& block, std::string_view name,
                                  unsigned char type, bool redone);
  void finish(DirId dir);
  // It was there before the run, and is to stay as it was.
  [[nodiscard]] bool keeps_metadata(const Directory& directory) const noexcept;

  // entry.cpp
  [[nodiscard]] bool batch(SlotId slot);
  [[nodiscard]] bool do_batch(DirId dir, const OpenDirectoryRef& opened, const NameBlock& block, bool redone,
                              std::atomic<std::uint32_t>* at);
  // False: another worker copies another name of the file; try again later.
  [[nodiscard]] bool copy_entry(Entry& entry);
  void add_directory(Entry& entry);
  [[nodiscard]] Trouble examine(Entry& entry);
  [[nodiscard]] Trouble judge(Entry& entry);
  [[nodiscard]] Trouble same_contents(Entry& entry, bool& equal);
  [[nodiscard]] Trouble copy_node_or_file(Entry& entry, UniqueFd source, LinkId link, bool& handed_on);
  [[nodiscard]] Trouble plan(const Entry& entry);
  [[nodiscard]] Trouble may_replace(const Entry& entry) const;  // for a dry run
  [[nodiscard]] bool may_differ_in_attributes(const Entry& entry);
  [[nodiscard]] Trouble mend(Entry& entry);
  // Gives the entry its name by `place(existing)`. When somebody else has put something there meanwhile, it is judged
  // anew: afterwards the verdict may be kKeep, and nothing was placed.
  template <class PlaceIt>
  [[nodiscard]] Trouble place_judged(Entry& entry, PlaceIt place);
  [[nodiscard]] Place place_of(const Entry& entry) const;
  void fail(const Entry& entry, const Trouble& trouble);
  void done(const Entry& entry, std::string_view action, std::uint64_t bytes);
  [[nodiscard]] Trouble open_file(const Entry& entry, UniqueFd& fd);

  // planted.cpp: the entry exists with the right size and time, and mending would give it rights of the source.
  [[nodiscard]] bool may_be_planted(const Entry& entry);
  [[nodiscard]] bool gains_capability(const Entry& entry) const;
  [[nodiscard]] bool rights_can_be_kept(const Entry& entry, uid_t user, gid_t group, mode_t setid);

  // hard_link.cpp: nothing: copy it. Otherwise whether it was dealt with (false: busy).
  [[nodiscard]] std::optional<bool> follow_link(Entry& entry, LinkId& leads);
  enum class Linked : std::uint8_t { kYes, kImpossible, kOutdated };  // the last: the first name is another file's
  [[nodiscard]] Trouble link_to(Entry& entry, const LinkClaim& claim, Linked& linked);
  [[nodiscard]] std::optional<bool> lead_again(Entry& entry, const LinkClaim& claim, LinkId& leads);
  void link_settled(const Entry& entry, LinkId link, const Identity& destination);

  // regular_file.cpp
  [[nodiscard]] Trouble copy_file(Entry& entry, UniqueFd source, LinkId link, bool& handed_on);
  [[nodiscard]] Trouble copy_file_once(Entry& entry, int source, LinkId link, bool& handed_on, bool& changed);
  [[nodiscard]] Trouble finish_file(Entry& entry, int source, Temporary& file, const Metadata::Fresh& fresh);
  [[nodiscard]] Trouble place_file(Entry& entry, Temporary& file);
  [[nodiscard]] static Trouble changed_since(int source, const struct stat& before, bool short_source,
                                             std::uint64_t bytes, bool& changed);
  void owner_of_new_file(const OpenDirectory& in, int fd, Metadata::Fresh& fresh);

  // node.cpp
  [[nodiscard]] Trouble copy_symlink(Entry& entry);
  [[nodiscard]] Trouble copy_special(Entry& entry);
  template <class Make>
  [[nodiscard]] Trouble make_node(Entry& entry, const char* doing, Make make);
  [[nodiscard]] Trouble dress_node(const Entry& entry, int directory, const char* made);

  // big_file.cpp
  [[nodiscard]] bool hand_on_big(Entry& entry, Temporary& file, LinkId link);
  [[nodiscard]] bool range(SlotId slot);
  void seal(SlotId slot);
  [[nodiscard]] Trouble seal_file(BigFile& file, Entry& entry);
  [[nodiscard]] Trouble open_big(const BigFile& file, Entry& entry, OpenDirectoryRef& opened, UniqueFd& source,
                                 UniqueFd& destination);
  [[nodiscard]] bool sealed_already(const BigFile& file, const Entry& entry);

  // prune.cpp
  [[nodiscard]] bool prune(SlotId slot);
  [[nodiscard]] Trouble enter_existing(DirId dir, OpenDirectoryRef& opened);
  [[nodiscard]] Trouble prune_entry(DirId dir, OpenDirectory& opened, const char* name, bool is_directory);
  struct Removal {
    std::uint64_t entries = 0;
    std::vector<std::string> gone;  // relative to the operand; a directory that went whole stands for all in it
  };
  [[nodiscard]] Trouble remove_plain(int directory, const char* name, bool is_directory, const std::string& relative,
                                     Removal& removal);
  [[nodiscard]] Trouble remove_unless_excluded(int directory, const char* name, const std::string& relative,
                                               unsigned depth, Removal& removal);

  RunState& run_;
  const Config& config_;
  Board& board_;
  std::uint32_t id_;
  Reporter report_;
  DirectoryCache directories_;
  IgnoreRules ignored_;
  Content content_;
  Metadata metadata_;
  Placement placement_;
  WriteErrors write_errors_;
  NameBlock scratch_;  // the batch being filled
  NameBlock private_;  // a batch done without a slot of its own
  // Where new files get the owner one expects, as was seen; in directories of other groups too, or not known there.
  struct PlainDevice {
    dev_t device;
    bool everywhere;
  };
  std::vector<PlainDevice> plain_devices_;
  struct Rights {
    dev_t device;
    uid_t user;
    gid_t group;
    mode_t setid;
    friend bool operator==(const Rights&, const Rights&) = default;
  };
  std::optional<Rights> probed_;  // the last that were tried on a new file …
  bool probed_kept_ = false;      // … and whether it kept them
};

template <class PlaceIt>
Trouble Worker::place_judged(Entry& entry, PlaceIt place) {
  Trouble trouble = place(entry.exists ? &entry.existing : nullptr);
  if (trouble.error != EEXIST || entry.exists) return trouble;
  entry.fresh = false;
  if (Trouble judged = judge(entry)) return judged;
  if (entry.verdict == Verdict::kKeep) {
    report_.skipped(entry.dir, entry.name, entry.item, "exists");
    return {};
  }
  return place(entry.exists ? &entry.existing : nullptr);
}

// The target of a symbolic link, however long. `size_hint`: what stat says; may be 0 or wrong.
[[nodiscard]] Trouble read_link(int directory, const char* name, off_t size_hint, std::string& target);

// Regular files from this size on are copied in ranges by all workers; bytes.
inline constexpr off_t kBigFile = off_t{256} << 20;
inline constexpr off_t kRange = off_t{64} << 20;

}  // namespace mtask::copy
