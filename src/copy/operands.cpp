#include "copy/operands.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "os/syscall.hpp"

namespace mtask::copy {
namespace {

struct Split {
  std::string parent;
  std::string name;  // "." where the path has no name of its own
};

std::string without_trailing_slashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

Split split(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  if (name.empty() || name == "." || name == "..") return {path, "."};
  if (slash == std::string::npos) return {".", std::move(name)};
  return {slash == 0 ? "/" : path.substr(0, slash), std::move(name)};
}

// Only a place to start from: O_PATH needs no permission to read it.
UniqueFd open_place(const std::string& path) {
  return UniqueFd(os::retry([&] { return ::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC); }));
}

std::optional<Identity> identity_at(int directory, const char* name, int flags) {
  struct stat status {};
  if (::fstatat(directory, name, &status, flags) == -1) return std::nullopt;
  return Identity{status.st_dev, status.st_ino};
}

// The directory itself and all above it, up to the top.
std::vector<Identity> directories_from(int directory) {
  std::vector<Identity> found;
  UniqueFd at(os::retry([&] { return ::openat(directory, ".", O_PATH | O_DIRECTORY | O_CLOEXEC); }));
  while (at) {
    const auto here = identity_at(at.get(), "", AT_EMPTY_PATH);
    if (!here || (!found.empty() && *here == found.back())) break;  // the top is its own parent
    found.push_back(*here);
    at = UniqueFd(os::retry([&] { return ::openat(at.get(), "..", O_PATH | O_DIRECTORY | O_CLOEXEC); }));
  }
  return found;
}

bool is_at_or_above(const Identity& wanted, int directory) {
  const std::vector<Identity> above = directories_from(directory);
  return std::find(above.begin(), above.end(), wanted) != above.end();
}

class Resolver {
 public:
  explicit Resolver(const Config& config) : config_(config) {}

  Result<Operands> resolve() {
    if (config_.sources.empty()) return Unexpected(usage_error("no source is given"));
    if (config_.destination.empty()) return Unexpected(usage_error("the destination is an empty name"));
    destination_path_ = without_trailing_slashes(config_.destination);
    const bool into = config_.into_directory || config_.sources.size() > 1;
    if (auto found = examine_destination(into); !found) return Unexpected(std::move(found).error());
    for (const std::string& source : config_.sources) {
      if (auto added = add(source, into); !added) {
        if (added.error().kind != ErrorKind::kUnavailable || config_.sources.size() == 1) {
          return Unexpected(std::move(added).error());
        }
        operands_.refused.push_back(std::move(added).error());
      }
    }
    if (operands_.roots.empty()) return std::move(operands_);
    if (config_.remove_extraneous) {
      if (auto alone = one_source_each(); !alone) return Unexpected(std::move(alone).error());
      if (auto safe = spare_sources(); !safe) return Unexpected(std::move(safe).error());
    }
    if (into) {
      if (auto made = make_destination(); !made) return Unexpected(std::move(made).error());
      operands_.destination = destination_path_;
    } else {
      operands_.destination = operands_.roots.front().destination_path;
    }
    return std::move(operands_);
  }

 private:
  Result<void> examine_destination(bool into) {
    struct stat status {};
    if (::stat(destination_path_.c_str(), &status) == 0) {
      if (S_ISDIR(status.st_mode)) {
        place_ = open_shared(destination_path_);
        if (!place_) return unavailable("open directory", destination_path_);
      } else if (into) {
        return Unexpected(usage_error("destination " + quote(destination_path_) + " is not a directory"));
      }
    } else if (errno != ENOENT) {
      return unavailable("examine", destination_path_);
    }
    return {};
  }

  // Several sources go into a directory that isn't there: it is made, as any new directory.
  Result<void> make_destination() {
    operands_.makes_destination = !place_;
    if (place_ || config_.dry_run) return {};
    if (::mkdir(destination_path_.c_str(), 0777) == -1) return unavailable("make directory", destination_path_);
    place_ = open_shared(destination_path_);
    if (!place_) return unavailable("open directory", destination_path_);
    for (Root& root : operands_.roots) root.destination_parent = place_;
    return {};
  }

  Result<void> add(const std::string& given, bool into) {
    if (given.empty()) return Unexpected(usage_error("a source is an empty name"));
    Root root;
    root.source_path = without_trailing_slashes(given);
    const Split source = split(root.source_path);
    root.source_name = source.name;
    auto& parent = parents_[source.parent];  // many operands come from one directory
    if (!parent) parent = open_shared(source.parent);
    root.source_parent = parent;
    struct stat status {};
    const int follow = config_.dereference ? 0 : AT_SYMLINK_NOFOLLOW;
    if (!root.source_parent || ::fstatat(root.source_parent->get(), source.name.c_str(), &status, follow) == -1) {
      return unavailable("open", root.source_path);
    }
    const bool is_directory = S_ISDIR(status.st_mode);
    const bool is_special = !is_directory && !S_ISREG(status.st_mode) && !S_ISLNK(status.st_mode);
    root.is_directory = is_directory;
    if (config_.files_from && !is_directory) {
      return Unexpected(
          usage_error("a list of files needs a directory as source; " + quote(root.source_path) + " is none"));
    }
    if (auto aimed = aim(root, into, is_directory, is_special); !aimed) return aimed;
    if (is_directory) {
      if (auto apart = keep_apart(root, {status.st_dev, status.st_ino}); !apart) return apart;
    }
    if (finds_place(root, status)) operands_.roots.push_back(std::move(root));
    return {};
  }

  // What an earlier source becomes under a name of the destination.
  struct Taken {
    std::vector<Identity> sources;
    bool is_directory;
    timespec mtime;
    std::uint32_t round;  // of the last of them
  };

  // Finds the source's round; false when it isn't to be copied, because its name is taken.
  bool finds_place(Root& root, const struct stat& status) {
    if (too_large_or_small(config_, status)) return true;  // it takes no name
    const Identity source{status.st_dev, status.st_ino};
    const auto [at, first] = taken_.try_emplace(root.destination_name, Taken{{}, root.is_directory, status.st_mtim, 0});
    Taken& taken = at->second;
    if (std::find(taken.sources.begin(), taken.sources.end(), source) != taken.sources.end()) {
      operands_.warnings.push_back("source " + quote(root.source_path) + " is given more than once");
      return false;
    }
    const bool merges = root.is_directory && taken.is_directory;
    if (!first && !merges && !leaves_alone(taken, status)) {
      operands_.refused.push_back({ErrorKind::kItem,
                                   {},
                                   "cannot copy " + quote(root.source_path) + ": will not overwrite just-created " +
                                       quote(root.destination_path)});
      return false;
    }
    if (root.destination_name == ".") {  // it may meet any other
      root.round = operands_.roots.empty() ? 0 : last_round_ + 1;
      after_contents_ = root.round + 1;
    } else {
      root.round = std::max(first ? 0 : taken.round + 1, after_contents_);
    }
    taken.sources.push_back(source);
    taken.round = root.round;
    last_round_ = std::max(last_round_, root.round);
    return true;
  }

  // Would the one that comes later leave the earlier one's copy as it is?
  bool leaves_alone(const Taken& taken, const struct stat& later) const {
    if (config_.update == Update::kNone) return true;
    if (config_.update != Update::kOlder) return false;
    const timespec& a = taken.mtime;
    const timespec& b = later.st_mtim;
    return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_nsec >= b.tv_nsec;
  }

  // What is deleted must be missing in all that goes to a directory, and each source is looked at alone.
  Result<void> one_source_each() {
    const bool several = operands_.roots.size() > 1;
    std::set<std::string> filled;
    for (const Root& root : operands_.roots) {
      if (!root.is_directory) continue;
      if ((several && root.destination_name == ".") || !filled.insert(root.destination_name).second) {
        return Unexpected(usage_error("--delete doesn't go with several sources for " + quote(root.destination_path) +
                                      ": what one of them lacks would be deleted from what another brings"));
      }
    }
    return {};
  }

  // Where it goes.
  Result<void> aim(Root& root, bool into, bool is_directory, bool is_special) {
    const bool inside = into || (place_ && !is_directory);
    if (inside) {
      root.destination_name = root.source_name;
      root.destination_path = join(destination_path_, root.source_name);
      root.destination_parent = place_;
      return {};
    }
    root.destination_path = destination_path_;
    if (place_) {
      root.destination_parent = place_;
      root.destination_name = ".";
      return {};
    }
    const Split target = split(destination_path_);
    root.destination_name = target.name;
    root.destination_parent = open_shared(target.parent);
    if (!root.destination_parent) return unavailable("open directory", target.parent);
    struct stat status {};
    if (::fstatat(root.destination_parent->get(), target.name.c_str(), &status, 0) != 0) return {};
    if (is_directory) {
      return Unexpected(usage_error("cannot copy directory " + quote(root.source_path) + " over " +
                                    quote(destination_path_) + ": it is not a directory"));
    }
    const bool special = S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode) || S_ISFIFO(status.st_mode);
    if (special && !is_special) {
      return Unexpected(usage_error(quote(destination_path_) + " is a device or a pipe: a copy would take its place; " +
                                    "use cat to write into it, or remove it first"));
    }
    return {};
  }

  // Nothing is deleted above a source, its own destination or another's.
  Result<void> spare_sources() {
    const UniqueFd* looked_at = nullptr;  // many operands come from one directory
    for (const Root& root : operands_.roots) {
      if (root.source_parent.get() == looked_at) continue;
      looked_at = root.source_parent.get();
      const std::vector<Identity> above = directories_from(looked_at->get());
      for (const Root& cleared : operands_.roots) {
        const bool deletes = cleared.is_directory && cleared.destination.inode != 0;
        if (deletes && std::find(above.begin(), above.end(), cleared.destination) != above.end()) {
          return Unexpected(usage_error("--delete would delete the source: " + quote(root.source_path) + " is inside " +
                                        quote(cleared.destination_path)));
        }
      }
    }
    return {};
  }

  // A directory goes neither into itself nor below itself.
  Result<void> keep_apart(Root& root, const Identity& source) {
    if (!root.destination_parent) {  // a directory yet to be made
      const UniqueFd above = open_place(split(destination_path_).parent);
      if (!above) return unavailable("open directory", split(destination_path_).parent);
      return is_at_or_above(source, above.get()) ? into_itself(root) : Result<void>{};
    }
    UniqueFd existing(os::retry([&] {
      return ::openat(root.destination_parent->get(), root.destination_name.c_str(),
                      O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    }));
    const int target = existing ? existing.get() : root.destination_parent->get();
    if (existing) {
      const auto identity = identity_at(existing.get(), "", AT_EMPTY_PATH);
      if (identity == source) {
        return Unexpected(
            usage_error(quote(root.source_path) + " and " + quote(root.destination_path) + " are the same directory"));
      }
      if (identity) root.destination = *identity;
    }
    return is_at_or_above(source, target) ? into_itself(root) : Result<void>{};
  }

  static std::string join(const std::string& directory, const std::string& name) {
    if (name == ".") return directory;
    return directory.back() == '/' ? directory + name : directory + '/' + name;
  }
  static std::shared_ptr<const UniqueFd> open_shared(const std::string& path) {
    UniqueFd fd = open_place(path);
    return fd ? std::make_shared<const UniqueFd>(std::move(fd)) : nullptr;
  }
  static Unexpected into_itself(const Root& root) {
    return Unexpected(usage_error("cannot copy directory " + quote(root.source_path) + " into itself, " +
                                  quote(root.destination_path)));
  }
  static Unexpected unavailable(const char* doing, const std::string& path) {
    const int error = errno;
    return Unexpected(system_error(ErrorKind::kUnavailable, error, std::string("cannot ") + doing + ' ' + quote(path)));
  }

  const Config& config_;
  Operands operands_;
  std::string destination_path_;
  std::shared_ptr<const UniqueFd> place_;  // the destination, if it is a directory
  std::map<std::string, std::shared_ptr<const UniqueFd>> parents_;
  std::map<std::string, Taken> taken_;  // by name in the destination
  std::uint32_t last_round_ = 0;
  std::uint32_t after_contents_ =
      0;  // the first round after the last source that is merged with the destination itself
};

}  // namespace

Result<Operands> resolve_operands(const Config& config) { return Resolver(config).resolve(); }

}  // namespace mtask::copy
