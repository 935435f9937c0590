#include "gen/stream.hpp"

#include "gen/indexed.hpp"
#include "mtask/sleep.hpp"

namespace mtask::gen {

std::unique_ptr<IndexedView> Stream::indexed() const { return nullptr; }

task<void> Source::close() { co_return; }

task<Result<void>> BatchCombinator::pull(Batch& out, std::size_t want) {
  for (;;) {
    if (pending_) co_return Unexpected(std::move(*pending_));
    out.clear();
    if (done()) co_return Result<void>();
    Result<void> pulled = co_await upstream().pull(out, ask(want));
    if (!pulled || out.empty()) co_return pulled;
    Result<void> mapped = map(out);
    if (!mapped) pending_ = std::move(mapped).error();
    if (!out.empty()) co_return Result<void>();
    co_await yield();  // what keeps nothing may go on without an end: a signal must be seen
  }
}

}  // namespace mtask::gen
