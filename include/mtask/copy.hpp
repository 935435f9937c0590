#pragma once
// Copies files and directory trees with forked worker processes, metadata and hard links included.
//
// run() forks, so call it while the process has one thread. It changes no state of the calling process but for its
// children, which it reaps. One run at a time per process.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mtask/events.hpp"
#include "mtask/result.hpp"
#include "mtask/stop.hpp"

namespace mtask::copy {

// Which parts of an entry are carried over beside its contents.
struct Preserve {
  bool mode = true;        // permission bits, setid and sticky
  bool ownership = true;   // user and group, as far as the process may
  bool timestamps = true;  // access and modification, in nanoseconds
  bool links = true;       // hard links between entries of the run
  bool sparse = true;      // holes stay holes
  bool xattr = true;       // user.*, trusted.*, security.* (capabilities among them)
  bool acl = true;         // POSIX ACLs
};

enum class Update : std::uint8_t {
  kChanged,  // replace what differs in type, size or modification time
  kAll,      // replace everything
  kOlder,    // replace what is older than its source
  kNone,     // keep whatever is there
};

enum class Reflink : std::uint8_t { kAuto, kAlways, kNever };
enum class Fsync : std::uint8_t { kNone, kEnd, kEach };

// One rule of --include/--exclude, in rsync's pattern language; the first rule that matches decides.
struct FilterRule {
  bool include = false;
  std::string pattern;
};

struct Config {
  // At least one. Those that meet in the destination are copied in this order; a file never over one of the run.
  std::vector<std::string> sources;
  std::string destination;
  bool into_directory = false;  // each source goes inside `destination`; implied by several sources
  unsigned workers = 1;         // processes, 1 to 256

  Preserve preserve;
  bool dereference = false;      // copy what symbolic links point to
  bool one_file_system = false;  // do not descend into other file systems
  bool keep_atime = false;       // do not let reading change the source's access times

  Update update = Update::kChanged;
  bool checksum = false;                     // compare contents instead of size and time
  std::optional<std::string> backup_suffix;  // keep what is replaced or deleted under its name plus this
  bool remove_extraneous = false;            // delete from the destination what the source doesn't have
  bool verify = false;                       // read back what was written, past the cache, before it gets its name
  Reflink reflink = Reflink::kAuto;
  Fsync fsync = Fsync::kNone;
  std::uint64_t limit_rate = 0;  // bytes a second over all workers; 0: no limit

  std::vector<FilterRule> filters;
  std::vector<std::string> ignore_files;  // names of per-directory files with gitignore's rules
  std::optional<std::uint64_t> min_size;  // regular files only; bytes
  std::optional<std::uint64_t> max_size;
  // Paths below the (single) source, relative to it; only these and their parents are copied, no recursion.
  std::optional<std::vector<std::string>> files_from;

  bool dry_run = false;      // decide and tell, change nothing
  bool count_ahead = false;  // walk the source ahead so that Progress knows its totals
};

struct Summary {
  std::uint64_t files = 0;        // regular files whose content was written
  std::uint64_t directories = 0;  // created
  std::uint64_t links = 0;        // hard links made
  std::uint64_t symlinks = 0;
  std::uint64_t specials = 0;  // FIFOs, sockets, device nodes
  std::uint64_t updated = 0;   // metadata alone was mended
  std::uint64_t skipped = 0;   // already as they should be
  std::uint64_t excluded = 0;  // left out by a filter
  std::uint64_t deleted = 0;
  std::uint64_t failed = 0;
  std::uint64_t retried = 0;
  std::uint64_t warnings = 0;
  std::uint64_t bytes = 0;         // of contents, written or shared, of files that got their name; holes not counted
  std::uint64_t bytes_cloned = 0;  // of these, shared by reflink
  std::uint64_t worker_deaths = 0;
  double seconds = 0;
  std::string destination;    // what the first source became, or the directory all went into
  bool interrupted = false;   // a stop request ended it early
  bool out_of_space = false;  // it ended early because the destination's file system is full or read-only
  std::string stop_message;   // for out_of_space: one line
};

// Copies as `config` says. An error means that nothing was touched (usage, no such source); failures of single
// entries are told to `events` and counted in the summary.
[[nodiscard]] Result<Summary> run(const Config& config, Events& events, StopToken stop);

}  // namespace mtask::copy
