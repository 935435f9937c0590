#include "support/fault.hpp"

#include <cstring>

#include "support/files.hpp"
#include "support/sanitizer.hpp"

namespace mtask::test {

FaultInjection::FaultInjection(const Fault& fault, Command& command) {
  const std::string state = directory_ / "counters";
  write_file(state, std::string(2 * sizeof(std::uint64_t), '\0'));
  command.env["LD_PRELOAD"] = MTASK_FAULT_PRELOAD;
  // The sanitizers' libraries want to come first; they work all the same.
  add_asan_option(command, "verify_asan_link_order=0");
  command.env["MTASK_FAULT_CALLS"] = fault.calls;
  command.env["MTASK_FAULT_ERROR"] = std::to_string(fault.error);
  command.env["MTASK_FAULT_UNDER"] = fault.under;
  command.env["MTASK_FAULT_NTH"] = std::to_string(fault.nth);
  command.env["MTASK_FAULT_EVERY"] = std::to_string(fault.every);
  command.env["MTASK_FAULT_PERMILLE"] = std::to_string(fault.permille);
  command.env["MTASK_FAULT_SEED"] = std::to_string(fault.seed);
  command.env["MTASK_FAULT_STATE"] = state;
}

std::uint64_t FaultInjection::counter(int index) const {
  const std::string bytes = read_file(directory_ / "counters");
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data() + static_cast<std::size_t>(index) * sizeof value, sizeof value);
  return value;
}

}  // namespace mtask::test
