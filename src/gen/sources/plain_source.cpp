#include "gen/sources/plain_source.hpp"

#include <utility>

namespace mtask::gen {

task<Result<void>> PlainSource::pull(Batch& out, std::size_t want) {
  out.clear();
  if (pending_) co_return Unexpected(std::move(*pending_));
  Result<void> filled = fill(out, want);
  if (!filled && !out.empty()) {
    pending_ = std::move(filled).error();
    co_return Result<void>();
  }
  co_return filled;
}

}  // namespace mtask::gen
