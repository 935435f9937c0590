#pragma once
// Rows made of values of lists: products, permutations, combinations, subsets. All in lexicographic order by position
// in the lists, as Python's itertools has it, and any of them at once by its number.

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "gen/indexed.hpp"
#include "gen/sources/column.hpp"

namespace mtask::gen {

__extension__ using Wide = unsigned __int128;

// Of what is chosen for a row.
using Positions = std::vector<std::uint64_t>;

class Arrangements : public Indexed {
 public:
  [[nodiscard]] std::optional<std::uint64_t> size() const final { return size_; }
  [[nodiscard]] Result<void> read(std::span<const std::uint64_t> indices, Batch& out) const final;

  // The positions that row `index` (below size(), and below 2^63) is made of.
  virtual void place(std::uint64_t index, Positions& positions) const = 0;
  // From those of a row to those of the next, which there is: faster than place().
  virtual void advance(Positions& positions) const = 0;

 protected:
  explicit Arrangements(std::vector<Column> columns) : columns_(std::move(columns)) {}
  void set_size(std::optional<std::uint64_t> size) noexcept { size_ = size; }
  [[nodiscard]] const std::vector<Column>& columns() const noexcept { return columns_; }

 private:
  std::vector<Column> columns_;  // one for each position, or one for all
  std::optional<std::uint64_t> size_;
};

// A value of each list; the last changes fastest.
class Product final : public Arrangements {
 public:
  explicit Product(std::vector<Column> columns);
  void place(std::uint64_t index, Positions& positions) const override;
  void advance(Positions& positions) const override;

 private:
  std::vector<std::optional<std::uint64_t>> rows_after_;  // those of the columns after one; nothing: 2^63 and more
};

// `length` different positions in every order; none where the list is shorter.
class Permutations final : public Arrangements {
 public:
  Permutations(Column list, std::uint64_t length);  // the list's size is known
  void place(std::uint64_t index, Positions& positions) const override;
  void advance(Positions& positions) const override;

 private:
  std::uint64_t count_;
  std::uint64_t length_;
  std::vector<std::optional<std::uint64_t>> rows_after_;  // arrangements of what comes after a position
};

// `length` positions in rising order, all different or (`repeated`) not.
class Combinations final : public Arrangements {
 public:
  Combinations(Column list, std::uint64_t length, bool repeated);  // the list's size is known
  void place(std::uint64_t index, Positions& positions) const override;
  void advance(Positions& positions) const override;

 private:
  std::uint64_t count_;
  std::uint64_t length_;
  bool repeated_;
};

// All subsets, the small ones first.
class Powerset final : public Arrangements {
 public:
  explicit Powerset(Column list);  // its size is known
  void place(std::uint64_t index, Positions& positions) const override;
  void advance(Positions& positions) const override;

 private:
  std::uint64_t count_;
};

}  // namespace mtask::gen
