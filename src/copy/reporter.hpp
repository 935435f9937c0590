#pragma once
// How a worker tells what it did: counters in shared memory for all, records in its ring for who wants to know.

#include <cstdint>
#include <string>
#include <string_view>

#include "copy/run_state.hpp"
#include "copy/trouble.hpp"

namespace mtask::copy {

class Reporter {
 public:
  Reporter(RunState& run, std::uint32_t worker);

  // Paths as the user knows them. `entry` empty: the directory itself.
  [[nodiscard]] std::string source_path(DirId dir, std::string_view entry) const;
  [[nodiscard]] std::string destination_path(DirId dir, std::string_view entry) const;
  // Relative to the operand; "" for the operand itself.
  [[nodiscard]] std::string relative_path(DirId dir, std::string_view entry) const;

  [[nodiscard]] bool wants_items() const noexcept { return run_.detail != Events::Detail::kTroubles; }

  void started(DirId dir, std::string_view entry, std::uint64_t item);
  void finished(DirId dir, std::string_view entry, std::uint64_t item, std::string_view action, std::uint64_t bytes);
  void made_directory(DirId dir);
  void updated_directory(DirId dir);  // counts
  void backed_up(DirId dir, std::string_view entry, std::uint64_t item);
  void skipped(DirId dir, std::string_view entry, std::uint64_t item, std::string_view why);
  // Counts and tells the failure of one entry; a fatal one halts the run instead.
  void failed(DirId dir, std::string_view entry, std::uint64_t item, const Trouble& trouble);
  void retried(DirId dir, std::string_view entry, std::uint64_t item, std::string_view why);
  // Once a run for each subject.
  void warn_once(Warning about, DirId dir, std::string_view entry, std::string_view what, int error);
  void warn(std::string_view sentence);

  void set_current(std::string_view name) noexcept;
  [[nodiscard]] WorkerCounters& counters() noexcept { return counters_; }

 private:
  void tell(Event event, bool urgent = false);
  void tell_finished(DirId dir, std::string_view entry, std::uint64_t item, std::string_view action,
                     std::uint64_t bytes);

  RunState& run_;
  Board& board_;
  std::uint32_t worker_;
  WorkerCounters& counters_;
};

// "cannot open 'a/b': Permission denied".
[[nodiscard]] std::string sentence(const Trouble& trouble, std::string_view path);

}  // namespace mtask::copy
