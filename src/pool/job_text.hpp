#pragma once
// What a worker must know of a job's texts, as bytes in the memory it shares with the supervisor.
//
// Each word: its length (4 bytes), its bytes, a NUL, so that the worker can hand most of them to execve(2) where they
// are. Trusted: both ends are ours. Not thread-safe; whoever holds the job's slot may read.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "pool/job.hpp"

namespace mtask::pool {

// Files that keep a job's output; empty: none.
struct KeptPaths {
  std::string out;
  std::string err;
};

// Returns how many bytes it took; nothing when there is no room.
[[nodiscard]] std::optional<std::uint32_t> pack(const JobSpec& job, const KeptPaths& kept, std::span<char> room);

// Walks over the words in the order in which pack() laid them down.
class JobWords {
 public:
  explicit JobWords(const char* bytes);
  [[nodiscard]] std::uint32_t arguments() const noexcept { return arguments_; }
  // The work directory, the kept paths of stdout and stderr, then the arguments. Ends with a NUL that is not counted.
  [[nodiscard]] std::string_view next();

 private:
  const char* at_;
  std::uint32_t arguments_ = 0;
};

// `text` with each kSlotMark replaced by `number`.
[[nodiscard]] std::string with_slot(std::string_view text, std::uint32_t number);

}  // namespace mtask::pool
