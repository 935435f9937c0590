#pragma once
// Which entries a run leaves out: the rules of the command line, and ignore files met in the source's directories.
// One object a worker; not thread-safe.

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "copy/ignore_file.hpp"
#include "copy/reporter.hpp"
#include "copy/run_state.hpp"

namespace mtask::copy {

// `above` and the ignore files of one more directory, open as `directory`, whose path relative to the operand has
// `path_length` bytes, become `chain`. What is not there or no regular file is passed over; a file that can't be read
// is trouble: without it nobody knows what to leave out, or alone.
[[nodiscard]] Trouble extend_chain(const Config& config, int directory, std::size_t path_length,
                                   std::shared_ptr<const IgnoreChain>& chain);

class IgnoreRules {
 public:
  IgnoreRules(RunState& run, Reporter& report) : run_(run), report_(report) {}

  [[nodiscard]] bool active() const noexcept { return !run_.filters.empty() || !run_.config.ignore_files.empty(); }

  // Readies the rules for the entries of `dir`, whose source is open as `source`; needs its parents' sources only when
  // it has not met them, through `open_parent(DirId) -> int` (a borrowed fd, or -1).
  template <class OpenParent>
  [[nodiscard]] Trouble enter(DirId dir, int source, OpenParent open_parent) {
    if (!active()) return {};
    prefix_ = report_.relative_path(dir, {});
    if (!prefix_.empty()) prefix_ += '/';
    chain_ = nullptr;
    return run_.config.ignore_files.empty() ? Trouble{} : chain_of(dir, source, open_parent, chain_);
  }

  // For entries of the directory entered last.
  [[nodiscard]] bool excluded(std::string_view name, bool is_directory);
  // For any path relative to the operand, at or below that directory.
  [[nodiscard]] bool path_excluded(std::string_view path, bool is_directory) const;

 private:
  using Chain = std::shared_ptr<const IgnoreChain>;
  struct Known {
    std::uint32_t generation;
    Chain chain;
  };
  template <class OpenParent>
  Trouble chain_of(DirId dir, int source, OpenParent open_parent, Chain& chain) {
    const Directory& entry = run_.board->directory(dir);
    if (auto known = known_.find(dir); known != known_.end() && known->second.generation == entry.generation) {
      chain = known->second.chain;
      return {};
    }
    const bool is_root = run_.board->directory(entry.parent).parent == kNoId;
    if (!is_root) {
      if (Trouble trouble = chain_of(entry.parent, open_parent(entry.parent), open_parent, chain)) return trouble;
    }
    if (Trouble trouble = extend_chain(run_.config, source, report_.relative_path(dir, {}).size(), chain))
      return trouble;
    if (known_.size() > 4096) known_.clear();
    known_[dir] = {entry.generation, chain};
    return {};
  }

  RunState& run_;
  Reporter& report_;
  std::string prefix_;
  std::string path_;
  Chain chain_;
  std::unordered_map<DirId, Known> known_;
};

}  // namespace mtask::copy
