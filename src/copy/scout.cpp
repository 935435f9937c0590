#include "copy/scout.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <vector>

#include "copy/directory_reader.hpp"
#include "copy/ignore_rules.hpp"
#include "os/syscall.hpp"

namespace mtask::copy {
namespace {

constexpr std::size_t kDeepest = 400;  // levels, an fd each; below that the totals stay a lower bound

class Scout {
 public:
  explicit Scout(RunState& run) : run_(run), totals_(run.board->totals()) {}

  void visit(const Root& root) {
    struct stat status {};
    if (::fstatat(root.source_parent->get(), root.source_name.c_str(), &status, follow()) == -1) return;
    if (!S_ISDIR(status.st_mode)) {
      add(status);
      return;
    }
    device_ = status.st_dev;
    levels_.clear();
    path_.clear();
    enter(root.source_parent->get(), root.source_name.c_str(), {});
    while (!levels_.empty() && run_.board->halted() == Halt::kNo) step();
  }
  [[nodiscard]] bool complete() const noexcept { return complete_; }

 private:
  struct Level {
    UniqueFd fd;
    DirectoryReader reader;
    std::size_t path_length;
    std::shared_ptr<const IgnoreChain> chain;
  };

  [[nodiscard]] int follow() const noexcept { return run_.config.dereference ? 0 : AT_SYMLINK_NOFOLLOW; }

  void enter(int parent, const char* name, const std::shared_ptr<const IgnoreChain>& above) {
    if (levels_.size() == kDeepest) {
      complete_ = false;
      return;
    }
    const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (run_.config.dereference ? 0 : O_NOFOLLOW);
    UniqueFd fd(os::retry([&] { return ::openat(parent, name, flags); }));
    if (!fd) return;
    const int raw = fd.get();
    std::shared_ptr<const IgnoreChain> chain = above;
    if (extend_chain(run_.config, raw, path_.size(), chain)) return;
    levels_.push_back({std::move(fd), DirectoryReader(raw), path_.size(), std::move(chain)});
  }

  void step() {
    Level& level = levels_.back();
    DirectoryReader::Entry entry{};
    if (!level.reader.next(entry)) {
      levels_.pop_back();
      return;
    }
    path_.resize(level.path_length);
    if (!path_.empty()) path_ += '/';
    path_ += entry.name;
    struct stat status {};
    if (::fstatat(level.fd.get(), entry.name, &status, follow()) == -1) return;
    const bool is_directory = S_ISDIR(status.st_mode);
    if (run_.filters.excluded(path_, is_directory)) return;
    if (level.chain != nullptr && level.chain->ignored(path_, is_directory)) return;
    if (!is_directory) {
      add(status);
    } else if (!run_.config.one_file_system || status.st_dev == device_) {
      enter(level.fd.get(), entry.name, level.chain);
    }
  }

  void add(const struct stat& status) {
    if (too_large_or_small(run_.config, status)) return;
    if (S_ISREG(status.st_mode)) count(totals_.bytes, static_cast<std::uint64_t>(status.st_size));
    count(totals_.items);
  }

  RunState& run_;
  Board::Totals& totals_;
  dev_t device_ = 0;
  std::vector<Level> levels_;
  std::string path_;
  bool complete_ = true;
};

}  // namespace

int scout(RunState& run) {
  Scout scout(run);
  for (const Root& root : run.roots) scout.visit(root);
  if (scout.complete() && !run.listed && run.board->halted() == Halt::kNo) run.board->totals().known = 1;
  return 0;
}

}  // namespace mtask::copy
