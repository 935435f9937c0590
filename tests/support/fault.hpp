#pragma once
// Trouble with system calls for a tested program, by a small library preloaded into it (tests/support/preload).

#include <cstdint>
#include <filesystem>
#include <string>

#include "support/command.hpp"
#include "support/temp_dir.hpp"

namespace mtask::test {

struct Fault {
  std::string calls;            // glibc's names by comma: "read,pread"; renameat stands for renameat2 too
  int error = 0;                // errno; 0: half of the bytes are moved instead
  std::filesystem::path under;  // calls on this and what is below it; absolute, without symbolic links
  // Which of them, counted over all processes of the command; one of:
  std::uint64_t nth = 0;
  std::uint64_t every = 0;
  std::uint64_t permille = 0;
  std::uint64_t seed = 1;
};

// Counts of one command; must outlive it.
class FaultInjection {
 public:
  // Makes `command` run with the fault.
  FaultInjection(const Fault& fault, Command& command);
  [[nodiscard]] std::uint64_t seen() const { return counter(0); }
  [[nodiscard]] std::uint64_t injected() const { return counter(1); }

 private:
  [[nodiscard]] std::uint64_t counter(int index) const;
  TempDir directory_;
};

}  // namespace mtask::test
