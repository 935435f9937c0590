#pragma once
// The entries of an open directory, by getdents64(2) in large steps; "." and ".." are left out.

#include <dirent.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>
#include <memory>
#include <string_view>

#include "os/syscall.hpp"

namespace mtask::copy {

class DirectoryReader {
 public:
  // Reads on from the fd's position; the fd stays the caller's.
  explicit DirectoryReader(int fd) : fd_(fd), buffer_(std::make_unique_for_overwrite<char[]>(kBuffer)) {}

  struct Entry {
    const char* name;    // NUL-terminated; valid until the next call
    unsigned char type;  // DT_*
    [[nodiscard]] std::string_view view() const noexcept { return name; }
  };

  // False at the end, and on an error: errno is then not 0.
  [[nodiscard]] bool next(Entry& entry) {
    for (;;) {
      if (at_ == filled_) {
        const long got = os::retry([&] { return ::syscall(SYS_getdents64, fd_, buffer_.get(), kBuffer); });
        if (got <= 0) {
          if (got == 0) errno = 0;
          return false;
        }
        filled_ = static_cast<std::size_t>(got);
        at_ = 0;
      }
      const char* record = buffer_.get() + at_;
      unsigned short length = 0;
      std::memcpy(&length, record + offsetof(dirent64, d_reclen), sizeof(length));
      at_ += length;
      entry.name = record + offsetof(dirent64, d_name);
      entry.type = static_cast<unsigned char>(record[offsetof(dirent64, d_type)]);
      const bool dots =
          entry.name[0] == '.' && (entry.name[1] == '\0' || (entry.name[1] == '.' && entry.name[2] == '\0'));
      if (!dots) return true;
    }
  }

 private:
  static constexpr std::size_t kBuffer = 64 * 1024;
  int fd_;
  std::unique_ptr<char[]> buffer_;
  std::size_t at_ = 0;
  std::size_t filled_ = 0;
};

}  // namespace mtask::copy
