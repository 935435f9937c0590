#pragma once
// How a source fails.

#include "gen/runtime.hpp"
#include "mtask/result.hpp"

namespace mtask::gen {

// What pull() returns, `out` being empty: the failure, or the end where the run goes on without this source.
[[nodiscard]] inline Result<void> fail(const Runtime& runtime, Error error) {
  if (!runtime.keep_going) return Unexpected(std::move(error));
  if (runtime.report) runtime.report(error);
  return {};
}

}  // namespace mtask::gen
