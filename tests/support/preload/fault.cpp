// Makes chosen system calls of the program it is preloaded into fail or move less than asked, as its environment says:
//
//   MTASK_FAULT_CALLS     names as in "read,pwrite"; the 64-bit spellings belong to the plain ones
//   MTASK_FAULT_ERROR     an errno value in decimal; 0: no failure, half of the bytes (at least one) are moved instead
//   MTASK_FAULT_NTH       the call that fails, counted from 1 over all processes
//   MTASK_FAULT_EVERY     or every so many
//   MTASK_FAULT_PERMILLE  or so many of a thousand, drawn by MTASK_FAULT_SEED
//   MTASK_FAULT_UNDER     only calls on this absolute path and what is below it (no pipes, no shared memory)
//   MTASK_FAULT_STATE     a file of two 64-bit counters (calls seen, faults injected), shared by all processes
//
// Only calls through glibc's functions are seen. Everything here must work in a forked child and before main().

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace {

struct Counters {
  std::atomic<std::uint64_t> seen;
  std::atomic<std::uint64_t> injected;
};

std::uint64_t number(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? 0 : std::strtoull(text, nullptr, 10);
}

struct Plan {
  const char* calls = std::getenv("MTASK_FAULT_CALLS");
  const char* under = std::getenv("MTASK_FAULT_UNDER");
  int error = static_cast<int>(number("MTASK_FAULT_ERROR"));
  std::uint64_t nth = number("MTASK_FAULT_NTH");
  std::uint64_t every = number("MTASK_FAULT_EVERY");
  std::uint64_t permille = number("MTASK_FAULT_PERMILLE");
  std::uint64_t seed = number("MTASK_FAULT_SEED");
  Counters* counters = nullptr;

  Plan() {
    const char* state = std::getenv("MTASK_FAULT_STATE");
    if (calls == nullptr || under == nullptr || state == nullptr) return;
    static const auto real = reinterpret_cast<int (*)(const char*, int, ...)>(::dlsym(RTLD_NEXT, "open"));
    static const auto real_close = reinterpret_cast<int (*)(int)>(::dlsym(RTLD_NEXT, "close"));
    const int fd = real(state, O_RDWR | O_CLOEXEC);
    if (fd < 0) return;
    void* memory = ::mmap(nullptr, sizeof(Counters), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    real_close(fd);  // ours asks for the plan that is being made
    if (memory != MAP_FAILED) counters = static_cast<Counters*>(memory);
  }

  bool has(const char* call) const {
    const std::size_t size = std::strlen(call);
    for (const char* at = calls; (at = std::strstr(at, call)) != nullptr; at += size) {
      if ((at == calls || at[-1] == ',') && (at[size] == ',' || at[size] == '\0')) return true;
    }
    return false;
  }

  bool holds(const char* path) const {
    const std::size_t size = std::strlen(under);
    return std::strncmp(path, under, size) == 0 && (path[size] == '/' || path[size] == '\0');
  }

  bool due(std::uint64_t count) const {
    if (nth != 0) return count == nth;
    if (every != 0) return count % every == 0;
    std::uint64_t value = (count + seed) * 0x9E3779B97F4A7C15U;  // splitmix64
    value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9U;
    value = (value ^ (value >> 27U)) * 0x94D049BB133111EBU;
    return (value ^ (value >> 31U)) % 1000 < permille;
  }
};

const Plan& plan() {
  static const Plan the_plan;
  return the_plan;
}

bool under_watch(int fd) {
  char link[64];
  char target[PATH_MAX];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t size = ::readlink(link, target, sizeof target - 1);
  if (size <= 0) return false;
  target[size] = '\0';
  return plan().holds(target);
}

bool counted(const char* call) {
  if (!plan().due(plan().counters->seen.fetch_add(1) + 1)) return false;
  (void)call;
  plan().counters->injected.fetch_add(1);
  return true;
}

// True when this call is to have trouble.
bool strikes(const char* call, int fd) {
  return plan().counters != nullptr && plan().has(call) && under_watch(fd) && counted(call);
}

bool strikes(const char* call, int directory, const char* path) {
  // Both mean the descriptor itself.
  if (path == nullptr || *path == '\0') return strikes(call, directory);
  if (plan().counters == nullptr || !plan().has(call)) return false;
  const bool watched = path[0] == '/' || directory == AT_FDCWD ? plan().holds(path) : under_watch(directory);
  return watched && counted(call);
}

// Of a path "/proc/self/fd/N"; -1: another one.
int descriptor_of(const char* path) {
  int fd = -1;
  return std::sscanf(path, "/proc/self/fd/%d", &fd) == 1 ? fd : -1;
}

template <class Function>
Function real(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

template <class Result = int>
Result failed() {
  errno = plan().error;
  return static_cast<Result>(-1);
}

std::size_t half(std::size_t size) { return std::max<std::size_t>(size / 2, std::min<std::size_t>(size, 1)); }

mode_t mode_argument(int flags, std::va_list arguments) {
  return (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

}  // namespace

// A call on a descriptor that moves bytes: it fails, or moves half.
#define MOVES(name, call, type, parameters, arguments)        \
  EXPORT type name parameters {                               \
    static const auto next = real<type(*) parameters>(#name); \
    if (strikes(call, fd)) {                                  \
      if (plan().error != 0) return failed<type>();           \
      size = half(size);                                      \
    }                                                         \
    return next arguments;                                    \
  }

MOVES(read, "read", ssize_t, (int fd, void* data, size_t size), (fd, data, size))
MOVES(write, "write", ssize_t, (int fd, const void* data, size_t size), (fd, data, size))
MOVES(pread, "pread", ssize_t, (int fd, void* data, size_t size, off_t at), (fd, data, size, at))
MOVES(pread64, "pread", ssize_t, (int fd, void* data, size_t size, off64_t at), (fd, data, size, at))
MOVES(pwrite, "pwrite", ssize_t, (int fd, const void* data, size_t size, off_t at), (fd, data, size, at))
MOVES(pwrite64, "pwrite", ssize_t, (int fd, const void* data, size_t size, off64_t at), (fd, data, size, at))

EXPORT ssize_t copy_file_range(int in, off64_t* in_at, int fd, off64_t* out_at, size_t size, unsigned flags) {
  static const auto next = real<ssize_t (*)(int, off64_t*, int, off64_t*, size_t, unsigned)>("copy_file_range");
  if (strikes("copy_file_range", fd) || strikes("copy_file_range", in)) {
    if (plan().error != 0) return failed<ssize_t>();
    size = half(size);
  }
  return next(in, in_at, fd, out_at, size, flags);
}

// A call that only fails; `where` are the arguments of strikes() after the name.
#define FAILS(name, call, parameters, arguments, where)      \
  EXPORT int name parameters {                               \
    static const auto next = real<int(*) parameters>(#name); \
    if (strikes where) return failed();                      \
    return next arguments;                                   \
  }
#define FAILS_NOEXCEPT(name, call, parameters, arguments, where) \
  EXPORT int name parameters noexcept {                          \
    static const auto next = real<int(*) parameters>(#name);     \
    if (strikes where) return failed();                          \
    return next arguments;                                       \
  }

// As file systems do that write then: it fails and the descriptor is gone.
EXPORT int close(int fd) {
  static const auto next = real<int (*)(int)>("close");
  const bool struck = strikes("close", fd);
  const int result = next(fd);
  return struck ? failed() : result;
}

// Doesn't fail, but takes the file system for NFS.
EXPORT int fstatfs(int fd, struct statfs* info) noexcept {
  static const auto next = real<int (*)(int, struct statfs*)>("fstatfs");
  const int result = next(fd, info);
  if (result == 0 && strikes("fstatfs", fd)) info->f_type = 0x6969;
  return result;
}
EXPORT int fstatfs64(int fd, struct statfs64* info) noexcept {
  static const auto next = real<int (*)(int, struct statfs64*)>("fstatfs64");
  const int result = next(fd, info);
  if (result == 0 && strikes("fstatfs", fd)) info->f_type = 0x6969;
  return result;
}

FAILS_NOEXCEPT(fstat, "fstat", (int fd, struct stat* status), (fd, status), ("fstat", fd))
FAILS_NOEXCEPT(fstat64, "fstat", (int fd, struct stat64* status), (fd, status), ("fstat", fd))
FAILS(fsync, "fsync", (int fd), (fd), ("fsync", fd))
FAILS(fdatasync, "fdatasync", (int fd), (fd), ("fdatasync", fd))
FAILS_NOEXCEPT(syncfs, "syncfs", (int fd), (fd), ("syncfs", fd))
FAILS_NOEXCEPT(fchmod, "fchmod", (int fd, mode_t mode), (fd, mode), ("fchmod", fd))
FAILS_NOEXCEPT(fchown, "fchown", (int fd, uid_t user, gid_t group), (fd, user, group), ("fchown", fd))
FAILS_NOEXCEPT(fchownat, "fchown", (int directory, const char* path, uid_t user, gid_t group, int flags),
               (directory, path, user, group, flags), ("fchown", directory, path))
FAILS_NOEXCEPT(fchmodat, "fchmod", (int directory, const char* path, mode_t mode, int flags),
               (directory, path, mode, flags), ("fchmod", directory, path))
FAILS_NOEXCEPT(futimens, "futimens", (int fd, const timespec times[2]), (fd, times), ("futimens", fd))
FAILS_NOEXCEPT(fsetxattr, "fsetxattr", (int fd, const char* key, const void* value, size_t size, int flags),
               (fd, key, value, size, flags), ("fsetxattr", fd))
FAILS_NOEXCEPT(setxattr, "fsetxattr", (const char* path, const char* key, const void* value, size_t size, int flags),
               (path, key, value, size, flags), ("fsetxattr", descriptor_of(path)))
FAILS_NOEXCEPT(ftruncate, "ftruncate", (int fd, off_t size), (fd, size), ("ftruncate", fd))
FAILS_NOEXCEPT(ftruncate64, "ftruncate", (int fd, off64_t size), (fd, size), ("ftruncate", fd))
FAILS(fallocate, "fallocate", (int fd, int mode, off_t at, off_t size), (fd, mode, at, size), ("fallocate", fd))
FAILS(fallocate64, "fallocate", (int fd, int mode, off64_t at, off64_t size), (fd, mode, at, size), ("fallocate", fd))
FAILS_NOEXCEPT(mkdirat, "mkdirat", (int directory, const char* path, mode_t mode), (directory, path, mode),
               ("mkdirat", directory, path))
FAILS_NOEXCEPT(symlinkat, "symlinkat", (const char* target, int directory, const char* path), (target, directory, path),
               ("symlinkat", directory, path))
FAILS_NOEXCEPT(linkat, "linkat", (int from, const char* old_path, int directory, const char* path, int flags),
               (from, old_path, directory, path, flags), ("linkat", directory, path))
FAILS_NOEXCEPT(renameat, "renameat", (int from, const char* old_path, int directory, const char* path),
               (from, old_path, directory, path), ("renameat", directory, path))
FAILS_NOEXCEPT(renameat2, "renameat2",
               (int from, const char* old_path, int directory, const char* path, unsigned flags),
               (from, old_path, directory, path, flags), ("renameat", directory, path))
FAILS_NOEXCEPT(unlinkat, "unlinkat", (int directory, const char* path, int flags), (directory, path, flags),
               ("unlinkat", directory, path))
FAILS_NOEXCEPT(utimensat, "utimensat", (int directory, const char* path, const timespec times[2], int flags),
               (directory, path, times, flags), ("utimensat", directory, path))

// listxattrat(2) alone, which glibc has no function for; six words are as many as any system call takes.
EXPORT long syscall(long number, ...) noexcept {
  static const auto next = real<long (*)(long, ...)>("syscall");
  std::va_list arguments;
  va_start(arguments, number);
  long words[6];
  for (long& word : words) word = va_arg(arguments, long);
  va_end(arguments);
  constexpr long kListxattrat = 465;
  const auto* path = reinterpret_cast<const char*>(words[1]);  // NOLINT(performance-no-int-to-ptr)
  if (number == kListxattrat && strikes("listxattrat", static_cast<int>(words[0]), path)) return failed<long>();
  return next(number, words[0], words[1], words[2], words[3], words[4], words[5]);
}

#define OPENS(name)                                                              \
  EXPORT int name(const char* path, int flags, ...) {                            \
    static const auto next = real<int (*)(const char*, int, ...)>(#name);        \
    std::va_list arguments;                                                      \
    va_start(arguments, flags);                                                  \
    const mode_t mode = mode_argument(flags, arguments);                         \
    va_end(arguments);                                                           \
    return strikes("open", AT_FDCWD, path) ? failed() : next(path, flags, mode); \
  }
#define OPENS_AT(name)                                                                         \
  EXPORT int name(int directory, const char* path, int flags, ...) {                           \
    static const auto next = real<int (*)(int, const char*, int, ...)>(#name);                 \
    std::va_list arguments;                                                                    \
    va_start(arguments, flags);                                                                \
    const mode_t mode = mode_argument(flags, arguments);                                       \
    va_end(arguments);                                                                         \
    return strikes("openat", directory, path) ? failed() : next(directory, path, flags, mode); \
  }
OPENS(open)
OPENS(open64)
OPENS_AT(openat)
OPENS_AT(openat64)
