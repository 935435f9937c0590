#pragma once
// Names of files that are not whole yet: ".mtask-NAMESPACE-PID-START-WORKER-NUMBER.tmp".
//
// The name tells which process tree made it, so that a later run can sweep what a dead one left: NAMESPACE is a hash of
// the boot id and the PID namespace, START the start time of the process in clock ticks (proc(5), stat field 22).

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace mtask::copy {

class TemporaryNames {
 public:
  // For the calling process, the supervisor.
  TemporaryNames();

  [[nodiscard]] std::string make(std::uint32_t worker, std::uint32_t number) const;

  enum class Owner : std::uint8_t {
    kNobody,  // not such a name
    kThisRun,
    kAlive,    // another run, still there
    kDead,     // a run on this machine that has ended
    kUnknown,  // another machine's, boot's or container's: judge by age
  };
  [[nodiscard]] Owner owner(std::string_view name) const;

 private:
  std::string namespace_;  // 16 hexadecimal digits
  std::string process_;    // "PID-START"
};

}  // namespace mtask::copy
