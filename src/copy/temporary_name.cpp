#include "copy/temporary_name.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <vector>

#include "base/unique_fd.hpp"
#include "os/fd_io.hpp"

namespace mtask::copy {
namespace {

constexpr std::string_view kPrefix = ".mtask-";
constexpr std::string_view kSuffix = ".tmp";

std::string read_small(const char* path) {
  UniqueFd fd(::open(path, O_RDONLY | O_CLOEXEC));
  std::string text(4096, '\0');
  const ssize_t size = fd ? os::read_full(fd.get(), text.data(), text.size()) : 0;
  text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return text;
}

// FNV-1a, 64 bits (Fowler, Noll, Vo).
std::uint64_t hash(std::string_view text) {
  std::uint64_t value = 0xcbf29ce484222325U;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return value;
}

// "PID-START" of a process; empty when there is none any more.
std::string process_key(pid_t pid) {
  const std::string stat = read_small(("/proc/" + std::to_string(pid) + "/stat").c_str());
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) return {};
  const char state = stat.size() > name_end + 2 ? stat[name_end + 2] : 'X';
  if (state == 'Z' || state == 'X') return {};  // it has ended, and waits to be reaped
  std::size_t at = name_end + 1;
  for (int field = 2; field < 22; ++field) at = stat.find(' ', at) + 1;
  return std::to_string(pid) + '-' + stat.substr(at, stat.find(' ', at) - at);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

TemporaryNames::TemporaryNames() : process_(process_key(::getpid())) {
  struct stat pid_namespace {};
  ::stat("/proc/self/ns/pid", &pid_namespace);
  const std::string key = read_small("/proc/sys/kernel/random/boot_id") + std::to_string(pid_namespace.st_ino);
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(hash(key)));
  namespace_ = text.data();
}

std::string TemporaryNames::make(std::uint32_t worker, std::uint32_t number) const {
  std::string name(kPrefix);
  name += namespace_ + '-' + process_ + '-' + std::to_string(worker) + '-' + std::to_string(number);
  return name += kSuffix;
}

TemporaryNames::Owner TemporaryNames::owner(std::string_view name) const {
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return Owner::kNobody;
  name.remove_prefix(kPrefix.size());
  name.remove_suffix(kSuffix.size());
  const auto parts = split(name, '-');
  if (parts.size() != 5 || parts[0].size() != 16) return Owner::kNobody;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string_view digits = i == 0 ? "0123456789abcdef" : "0123456789";
    if (parts[i].empty() || parts[i].find_first_not_of(digits) != std::string_view::npos) return Owner::kNobody;
  }
  if (parts[0] != namespace_) return Owner::kUnknown;
  const std::string key = std::string(parts[1]) + '-' + std::string(parts[2]);
  if (key == process_) return Owner::kThisRun;
  pid_t pid = 0;
  std::from_chars(parts[1].data(), parts[1].data() + parts[1].size(), pid);
  return process_key(pid) == key ? Owner::kAlive : Owner::kDead;
}

}  // namespace mtask::copy
