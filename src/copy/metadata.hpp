#pragma once
// Owner, mode, times, ACLs and extended attributes: carried over by fd, never through a name that could be swapped.
// One object a worker; not thread-safe.

#include <sys/stat.h>

#include <string>
#include <vector>

#include "copy/reporter.hpp"
#include "copy/trouble.hpp"

namespace mtask::copy {

class Metadata {
 public:
  Metadata(RunState& run, Reporter& reporter);

  // An entry's handle: `fd` may be open for reading or writing, or O_PATH (`path_only`), the way to symbolic links and
  // device nodes.
  struct Handle {
    int fd;
    bool path_only = false;
  };
  // For messages.
  struct Name {
    DirId dir;
    std::string_view entry;
  };

  // What a new object is known to have already, so that a call can be saved.
  struct Fresh {
    uid_t user;
    gid_t group;
    mode_t mode;                // permission bits it was made with; ignored for symbolic links
    bool inherits_acl = false;  // its directory has a default ACL
  };

  // A new object becomes like the source: owner first (it clears setid bits), attributes, mode, times.
  [[nodiscard]] Trouble apply(Handle source, const struct stat& status, Handle target, const Fresh& fresh,
                              const Name& name);
  // An old one is changed only in what differs, so that its change time stays where nothing does. `changed` tells.
  [[nodiscard]] Trouble mend(Handle source, const struct stat& status, Handle target, const struct stat& existing,
                             const Name& name, bool& changed);
  // Is it worth calling mend()? Compares what stat tells.
  [[nodiscard]] bool differs(const struct stat& status, const struct stat& existing) const noexcept;
  // Does the entry have attributes, so that mend() has something to compare? No where nobody asks for them; yes where
  // that can't be told. `follow`: what a symbolic link points to, not the link.
  [[nodiscard]] bool has_attributes(int directory, const char* name, bool follow) noexcept;

  // The mode a new object should be made with and end up with; setid bits go where the owner can't be kept.
  [[nodiscard]] mode_t wanted_mode(const struct stat& status, uid_t user, gid_t group) const noexcept;
  // The directory's default ACL would be handed down to what is made in it.
  [[nodiscard]] static bool has_default_acl(Handle directory) noexcept;

 private:
  [[nodiscard]] Trouble set_owner(const struct stat& status, Handle target, uid_t& user, gid_t& group,
                                  const Name& name);
  [[nodiscard]] Trouble set_mode(Handle target, mode_t mode, const Name& name);
  [[nodiscard]] Trouble set_times(const struct stat& status, Handle target, const Name& name);
  struct Attributes {
    bool acl = false;       // the source has an access ACL …
    bool acl_lost = false;  // … which the target doesn't take
    bool changed = false;   // the target was changed
  };
  // `replace`: the target's own attributes that the source doesn't have go, and equal ones are left alone.
  [[nodiscard]] Trouble copy_attributes(Handle source, Handle target, bool replace, const Name& name,
                                        Attributes& result);
  [[nodiscard]] Trouble copy_attribute(Handle source, Handle target, const char* attribute, bool compare,
                                       const Name& name, Attributes& result);
  // With an ACL the mode shows the mask in the group's place; an object without one must not get that as its group's
  // permissions, so they become those of the source ACL's own entry for the group.
  [[nodiscard]] mode_t mode_without_acl(Handle source, mode_t mode);
  [[nodiscard]] bool same_attributes(Handle source, Handle target);
  [[nodiscard]] Trouble remove_others(Handle target, const std::vector<std::string>& wanted, bool& changed);
  [[nodiscard]] bool list(Handle handle, std::vector<std::string>& names);
  [[nodiscard]] bool wanted(std::string_view attribute) const noexcept;

  RunState& run_;
  Reporter& reporter_;
  std::vector<char> buffer_;
  std::vector<char> second_;  // the target's value, to compare
  bool can_list_at_ = true;   // the kernel has listxattrat(2)
};

}  // namespace mtask::copy
