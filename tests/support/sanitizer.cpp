#include "support/sanitizer.hpp"

#include <cstdlib>

namespace mtask::test {

void add_asan_option(Command& command, const std::string& option) {
  constexpr const char* kVariable = "ASAN_OPTIONS";
  const char* inherited = std::getenv(kVariable);
  std::string options = inherited == nullptr ? "" : inherited;
  if (const auto own = command.env.find(kVariable); own != command.env.end()) options = own->second.value_or("");
  if (!options.empty()) options += ':';
  command.env[kVariable] = options + option;
}

}  // namespace mtask::test
