#pragma once
// Column: a list that combinations pick values from, by number.

#include <cstdint>
#include <memory>
#include <optional>

#include "gen/indexed.hpp"

namespace mtask::gen {

// A short list is held as text; of a longer one each value is read when it is needed, so that memory is constant.
// Immutable; cheap to copy.
class Column {
 public:
  explicit Column(IndexedView values);

  // Nothing: it has no end, or one beyond 2^63 - 1.
  [[nodiscard]] std::optional<std::uint64_t> size() const noexcept { return values_.size(); }
  // Adds the fields of value `at`, below size(), to the row that is being built in `out`. `scratch` is anything.
  [[nodiscard]] Result<void> add_to(Batch& out, std::uint64_t at, Batch& scratch) const;

 private:
  IndexedView values_;
  std::shared_ptr<const Batch> texts_;  // of a short list
};

}  // namespace mtask::gen
