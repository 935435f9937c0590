#pragma once
// What a program under test must be told where a build has sanitizers; elsewhere nobody listens.

#include <string>

#include "support/command.hpp"

namespace mtask::test {

// Adds "name=value" to the options AddressSanitizer takes from the environment; what is there already stays.
void add_asan_option(Command& command, const std::string& option);

}  // namespace mtask::test
