#pragma once
// How something gets its name in the destination: whole or not at all.
//
// New files are made without a name (O_TMPFILE) and linked when they are whole; where the file system can't, and for
// replacements, under a temporary name that is renamed. One object a worker; not thread-safe.

#include <sys/stat.h>

#include <functional>
#include <optional>
#include <string>

#include "base/unique_fd.hpp"
#include "copy/run_state.hpp"
#include "copy/trouble.hpp"

namespace mtask::copy {

// Is another file system mounted on `directory`, an entry of `parent`? Nothing there is ever deleted.
[[nodiscard]] bool is_mount_point(int parent, int directory) noexcept;
[[nodiscard]] inline Trouble mounted_there() {
  return {EBUSY, "delete", Trouble::Side::kDestination, "another file system is mounted there"};
}

// A directory of the destination, and its counterpart in the source where there is one that gives it its entries.
struct Place {
  int directory;  // both are open as long as the place is used; not owned
  int source = -1;
};

// A file that has no final name yet. Its temporary name, if any, goes with it.
class Temporary {
 public:
  Temporary() = default;
  Temporary(UniqueFd fd, int directory, std::string name)
      : fd_(std::move(fd)), directory_(directory), name_(std::move(name)) {}
  Temporary(Temporary&& other) noexcept
      : fd_(std::move(other.fd_)), directory_(other.directory_), name_(std::exchange(other.name_, {})) {}
  Temporary& operator=(Temporary&& other) noexcept;
  ~Temporary() { discard(); }

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }  // empty: it has none
  void set_name(int directory, std::string name);
  // The name has become somebody else's, or final.
  void keep_name() noexcept { name_.clear(); }
  void discard() noexcept;

 private:
  UniqueFd fd_;
  int directory_ = -1;  // not owned; open as long as this lives
  std::string name_;
};

class Placement {
 public:
  // `left_out`: is this entry of the source, in the directory at hand, left out of the run?
  Placement(RunState& run, std::uint32_t worker, std::function<bool(const char*)> left_out = {})
      : run_(run), worker_(worker), left_out_(std::move(left_out)) {}

  // An empty file in `directory` for writing. `named`: with a temporary name, so that other workers can open it too.
  // `mode`: its permission bits where it has no name; 0600 else (had_mode tells).
  [[nodiscard]] Trouble make(int directory, mode_t mode, bool named, Temporary& result, mode_t& had_mode);

  // Gives a whole file its name. `existing`: what has the name now; it is replaced (and kept as a backup if the run
  // wants that). Without it the name is expected to be free; EEXIST in the trouble says that it isn't.
  [[nodiscard]] Trouble place(Temporary& file, Place place, const char* name, const struct stat* existing);

  // The same for what is made by name: `make(directory, temporary name)` returns 0 or -1 with errno. `at_once`: it is
  // whole as soon as it is made, so that a free name can be given right away.
  template <class Make>
  [[nodiscard]] Trouble place_made(Place place, const char* name, const struct stat* existing, bool at_once,
                                   const char* doing, Make make) {
    const int directory = place.directory;
    if (existing == nullptr && at_once) {
      return make(directory, name) == 0 ? Trouble{} : Trouble::destination(doing);
    }
    Temporary holder;
    const std::string temporary = next_name();
    if (make(directory, temporary.c_str()) != 0) return Trouble::destination(doing);
    holder.set_name(directory, temporary);
    return existing == nullptr ? rename_new(holder, directory, name) : rename_over(holder, place, name, *existing);
  }

  // Frees the name for a directory: what has it now is removed or becomes a backup.
  [[nodiscard]] Trouble clear_way(Place place, const char* name, const struct stat& existing);

  // For a dry run: what clear_way() would refuse.
  [[nodiscard]] Trouble may_clear_way(int directory, const char* name, const struct stat& existing) const;

  // Deletes an entry, a directory with all in it; `removed` counts. Stops at the first trouble.
  [[nodiscard]] Trouble remove(int directory, const char* name, bool is_directory, std::uint64_t& removed);
  // Renames it to its backup name.
  [[nodiscard]] Trouble move_to_backup(Place place, const char* name);

  [[nodiscard]] std::string next_name() { return run_.temporaries.make(worker_, next_number()); }
  [[nodiscard]] std::uint32_t next_number();
  // Deletes what dead runs, and `ours` if this run's dead workers, left in the directory.
  void sweep(int directory, bool ours);

 private:
  [[nodiscard]] Trouble must_stay() const;  // a directory that is not empty
  [[nodiscard]] Trouble rename_new(Temporary& file, int directory, const char* name);
  [[nodiscard]] Trouble rename_over(Temporary& file, Place place, const char* name, const struct stat& existing);
  [[nodiscard]] Trouble keep_backup(Place place, const char* name);
  [[nodiscard]] bool may_become_backup(Place place, const std::string& backup, bool of_directory, bool& exists) const;
  [[nodiscard]] Trouble rename_to_backup(Place place, const char* from, const char* name, bool is_directory);
  [[nodiscard]] int link_unnamed(int fd, int directory, const char* name);

  RunState& run_;
  std::uint32_t worker_;
  std::function<bool(const char*)> left_out_;
  std::uint32_t number_ = 0;
  bool can_be_unnamed_ = true;  // until the file system says no
  bool link_by_fd_ = true;      // AT_EMPTY_PATH is allowed; else through /proc
};

}  // namespace mtask::copy
