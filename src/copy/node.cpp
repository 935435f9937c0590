// Symbolic links, FIFOs, sockets and device nodes.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "copy/worker.hpp"
#include "os/syscall.hpp"

namespace mtask::copy {

Trouble read_link(int directory, const char* name, off_t size_hint, std::string& target) {
  target.resize(static_cast<std::size_t>(size_hint > 0 ? size_hint : 255) + 1);
  for (;;) {
    const ssize_t size = ::readlinkat(directory, name, target.data(), target.size());
    if (size == -1) return Trouble::source("read link");
    if (static_cast<std::size_t>(size) < target.size()) {
      target.resize(static_cast<std::size_t>(size));
      return {};
    }
    target.resize(target.size() * 2);
  }
}

Trouble Worker::copy_symlink(Entry& entry) {
  std::string target;
  if (Trouble trouble = read_link(entry.in->source, entry.name, entry.status.st_size, target)) return trouble;
  const auto make = [&](int directory, const char* name) { return ::symlinkat(target.c_str(), directory, name); };
  if (Trouble trouble = make_node(entry, "make link", make); trouble || entry.verdict == Verdict::kKeep) return trouble;
  count(report_.counters().symlinks);
  done(entry, "symlink", 0);
  return {};
}

Trouble Worker::copy_special(Entry& entry) {
  // Made with no permissions: who opened it early would keep what the owner's change is to take away.
  const auto make = [&](int directory, const char* name) {
    return ::mknodat(directory, name, entry.status.st_mode & S_IFMT, entry.status.st_rdev);
  };
  if (Trouble trouble = make_node(entry, "make", make); trouble || entry.verdict == Verdict::kKeep) return trouble;
  count(report_.counters().specials);
  done(entry, "special", 0);
  return {};
}

// A node gets its metadata under a temporary name: whoever finds it under its own may take it for whole.
template <class Make>
Trouble Worker::make_node(Entry& entry, const char* doing, Make make) {
  const auto make_whole = [&](int directory, const char* name) {
    if (make(directory, name) != 0) return -1;
    const Trouble trouble = dress_node(entry, directory, name);
    if (!trouble) return 0;
    ::unlinkat(directory, name, 0);
    errno = trouble.error;
    return -1;
  };
  return place_judged(entry, [&](const struct stat* existing) {
    return placement_.place_made(place_of(entry), entry.destination_name, existing, false, doing, make_whole);
  });
}

Trouble Worker::dress_node(const Entry& entry, int directory, const char* made) {
  UniqueFd target(os::retry([&] { return ::openat(directory, made, O_PATH | O_NOFOLLOW | O_CLOEXEC); }));
  if (!target) return Trouble::destination("open");
  struct stat status {};
  if (::fstat(target.get(), &status) == -1) return Trouble::destination("examine");
  if ((status.st_mode & S_IFMT) != (entry.status.st_mode & S_IFMT) || status.st_rdev != entry.status.st_rdev) {
    return {ESTALE, "make", Trouble::Side::kDestination, "replaced meanwhile"};
  }
  UniqueFd source(os::retry([&] {
    return ::openat(entry.in->source, entry.name, O_PATH | O_CLOEXEC | (config_.dereference ? 0 : O_NOFOLLOW));
  }));
  if (!source) return Trouble::source("open");
  const Metadata::Fresh fresh{status.st_uid, status.st_gid, status.st_mode & 07777, entry.inherits_acl};
  return metadata_.apply({source.get(), true}, entry.status, {target.get(), true}, fresh, {entry.dir, entry.name});
}

}  // namespace mtask::copy
