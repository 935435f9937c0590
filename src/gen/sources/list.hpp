#pragma once
// Values that are held in memory.

#include <utility>

#include "gen/indexed.hpp"

namespace mtask::gen {

class List final : public Indexed {
 public:
  explicit List(Batch values) : values_(std::move(values)) {}
  [[nodiscard]] std::optional<std::uint64_t> size() const override { return values_.size(); }
  [[nodiscard]] Result<void> read(std::span<const std::uint64_t> indices, Batch& out) const override;

 private:
  Batch values_;
};

}  // namespace mtask::gen
