#include "pool/admission.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <utility>

#include "base/text.hpp"
#include "base/unique_fd.hpp"
#include "os/fd_io.hpp"
#include "os/syscall.hpp"

namespace mtask::pool {
namespace {

constexpr double kLeastLoad = 0.01;
constexpr std::chrono::seconds kKept{1};

std::optional<double> load_average() {
  double load = 0;
  return ::getloadavg(&load, 1) == 1 ? std::optional(load) : std::nullopt;
}

std::optional<std::uint64_t> memory_now() {
  const UniqueFd fd(os::retry([] { return ::open("/proc/meminfo", O_RDONLY | O_CLOEXEC); }));
  std::array<char, 8192> text;
  const ssize_t got = fd ? os::read_full(fd.get(), text.data(), text.size()) : -1;
  if (got == -1) return std::nullopt;
  return available_memory({text.data(), static_cast<std::size_t>(got)});
}

}  // namespace

Result<double> parse_load(std::string_view text, unsigned cpus) {
  std::string_view number = text;
  if (number.ends_with('%')) number.remove_suffix(1);
  double load = 0;
  const char* const end = number.data() + number.size();
  const auto [at, error] = std::from_chars(number.data(), end, load, std::chars_format::fixed);
  if (number.empty() || number[0] < '0' || number[0] > '9' || error != std::errc() || at != end) {
    return Unexpected(
        usage_error(quote(text) + " is no load: write a load average (4.5) or a share of the CPUs (80%)"));
  }
  if (number.size() != text.size()) load = load * cpus / 100;
  return std::max(load, kLeastLoad);
}

std::optional<std::uint64_t> available_memory(std::string_view meminfo) {
  constexpr std::string_view kName = "MemAvailable:";
  std::size_t at = meminfo.find(kName);
  if (at == std::string_view::npos || (at > 0 && meminfo[at - 1] != '\n')) return std::nullopt;
  at = meminfo.find_first_not_of(' ', at + kName.size());
  if (at == std::string_view::npos) return std::nullopt;
  std::uint64_t kibibytes = 0;
  const char* const end = meminfo.data() + meminfo.size();
  const auto [stop, error] = std::from_chars(meminfo.data() + at, end, kibibytes);
  if (error != std::errc() || !std::string_view(stop, static_cast<std::size_t>(end - stop)).starts_with(" kB")) {
    return std::nullopt;
  }
  return kibibytes > UINT64_MAX / 1024 ? UINT64_MAX : kibibytes * 1024;
}

MachineReadings machine_readings() { return {load_average, memory_now}; }

Admission::Admission(std::optional<double> max_load, std::optional<std::uint64_t> min_free_memory,
                     MachineReadings readings)
    : max_load_(max_load), min_free_memory_(min_free_memory), readings_(std::move(readings)) {}

Admission::Verdict Admission::judged() const {
  if (min_free_memory_) {
    const std::optional<std::uint64_t> memory = readings_.memory();
    // Below the exact half, also of an odd number.
    if (memory && *memory < *min_free_memory_ - *min_free_memory_ / 2) return Verdict::kKillYoungest;
    if (memory && *memory < *min_free_memory_) return Verdict::kWait;
  }
  if (max_load_) {
    const std::optional<double> load = readings_.load();
    if (load && *load >= *max_load_) return Verdict::kWait;
  }
  return Verdict::kStart;
}

Admission::Verdict Admission::verdict(std::chrono::steady_clock::time_point now) {
  if (!limits()) return Verdict::kStart;
  if (read_at_ && now - *read_at_ < kKept) {
    return last_ == Verdict::kStart ? Verdict::kStart : Verdict::kWait;
  }
  read_at_ = now;
  last_ = judged();
  return last_;
}

}  // namespace mtask::pool
