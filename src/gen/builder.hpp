#pragma once
// Makes streams of pipelines.

#include <string>
#include <vector>

#include "gen/runtime.hpp"
#include "gen/stream.hpp"
#include "gen/syntax/tree.hpp"
#include "mtask/result.hpp"

namespace mtask::gen {

// `runtime` must outlive the stream. Nothing is opened or begun before the first pull.
[[nodiscard]] Result<StreamPtr> build(const Pipeline& pipeline, Runtime& runtime);

}  // namespace mtask::gen
