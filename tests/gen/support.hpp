#pragma once
// Pipelines as a test's subject: their values as texts.

#include <cstdint>
#include <string>
#include <vector>

namespace mtask::test {

struct Pulled {
  std::vector<std::string> values;  // fields with blanks between
  std::string error;                // of building or running; empty: none
};

// All values of the pipeline, written as one text. Pulls numbers of values at a time that `seed` decides.
[[nodiscard]] Pulled pulled(const std::string& pipeline, std::uint64_t seed = 1);
// Without a failure.
[[nodiscard]] std::vector<std::string> values_of(const std::string& pipeline, std::uint64_t seed = 1);

}  // namespace mtask::test
