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
// `path_length` bytes. Files that aren't there or can't be read are passed over.
[[nodiscard]] std::shared_ptr<const IgnoreChain> extend_chain(const Config& config, int directory,
                                                              std::size_t path_length,
                                                              std::shared_ptr<const IgnoreChain> above);

class IgnoreRules {
 public:
  IgnoreRules(RunState& run, Reporter& report) : run_(run), report_(report) {}

  [[nodiscard]] bool active() const noexcept { return !run_.filters.empty() || !run_.config.ignore_files.empty(); }

  // Readies the rules for the entries of `dir`, whose source is open as `source`; needs its parents' sources only when
  // it has not met them, through `open_parent(DirId) -> int` (a borrowed fd, or -1).
  template <class OpenParent>
  void enter(DirId dir, int source, OpenParent open_parent) {
    if (!active()) return;
    prefix_ = report_.relative_path(dir, {});
    if (!prefix_.empty()) prefix_ += '/';
    chain_ = config_files() ? chain_of(dir, source, open_parent) : nullptr;
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
  [[nodiscard]] bool config_files() const noexcept { return !run_.config.ignore_files.empty(); }

  template <class OpenParent>
  Chain chain_of(DirId dir, int source, OpenParent open_parent) {
    const Directory& entry = run_.board->directory(dir);
    if (auto known = known_.find(dir); known != known_.end() && known->second.generation == entry.generation) {
      return known->second.chain;
    }
    Chain above;
    const bool is_root = run_.board->directory(entry.parent).parent == kNoId;
    if (!is_root) above = chain_of(entry.parent, open_parent(entry.parent), open_parent);
    Chain chain = read(dir, source, std::move(above));
    if (known_.size() > 4096) known_.clear();
    known_[dir] = {entry.generation, chain};
    return chain;
  }
  [[nodiscard]] Chain read(DirId dir, int source, Chain above);

  RunState& run_;
  Reporter& report_;
  std::string prefix_;
  std::string path_;
  Chain chain_;
  std::unordered_map<DirId, Known> known_;
};

}  // namespace mtask::copy
