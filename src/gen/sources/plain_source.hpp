#pragma once
// A source that makes its values at once, by a function.

#include <cstddef>
#include <optional>

#include "gen/stream.hpp"

namespace mtask::gen {

class PlainSource : public Source {
 public:
  [[nodiscard]] task<Result<void>> pull(Batch& out, std::size_t want) final;

 protected:
  // Fills `out`, which is empty, by the next values: at most `want`, none at the end. A failure may leave values in it:
  // these are handed out before the failure is.
  [[nodiscard]] virtual Result<void> fill(Batch& out, std::size_t want) = 0;

 private:
  std::optional<Error> pending_;
};

}  // namespace mtask::gen
