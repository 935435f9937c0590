#pragma once
// Batch: some values on their way through a pipeline, all of one kind.
//
// Shapes, chosen so that numeric pipelines touch nothing but arrays of numbers:
//   progression  first, first + step, …: exact numbers that nobody has written out yet
//   exact        64-bit integers that count units of 10^-scale: 15 with scale 1 is 1.5
//   reals        doubles
//   rows         texts, each of one or more fields; also numbers of any size and values of mixed kinds
// A value's text has a point and `scale` digits after it where scale is above 0; a real's is the shortest that reads
// back as the same double.
//
// Owns its memory and keeps it over clear(). Not thread-safe. Indices are not checked.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mtask::gen {

inline constexpr std::size_t kBatchValues = 512;  // what a stage asks for when it has no reason for another number

struct Progression {
  std::int64_t first = 0;  // first + step * (count - 1) is within 64 bits
  std::int64_t step = 0;
  std::size_t count = 0;
};

class Batch {
 public:
  enum class Kind : std::uint8_t { kProgression, kExact, kReals, kRows };

  [[nodiscard]] Kind kind() const noexcept { return kind_; }
  [[nodiscard]] bool numeric() const noexcept { return kind_ != Kind::kRows; }
  [[nodiscard]] std::size_t size() const noexcept;
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }
  // Of the exact kinds: digits after the point.
  [[nodiscard]] unsigned scale() const noexcept { return scale_; }

  void clear() noexcept;

  // Each of these begins anew with the kind named.
  void set_progression(const Progression& progression, unsigned scale);
  std::vector<std::int64_t>& start_exact(unsigned scale);
  std::vector<double>& start_reals();
  void start_rows();

  [[nodiscard]] const Progression& progression() const noexcept { return progression_; }
  // A progression becomes exact by this.
  [[nodiscard]] std::span<const std::int64_t> exact();
  [[nodiscard]] std::span<const double> reals() const noexcept { return reals_; }

  // Rows: a row is built field by field.
  void add_field(std::string_view text, bool is_number);
  void end_row() { rows_.push_back(static_cast<std::uint32_t>(fields_.size())); }
  // A row of one field.
  void add_text(std::string_view text, bool is_number = false) {
    add_field(text, is_number);
    end_row();
  }
  // Of all rows, together.
  [[nodiscard]] std::size_t text_bytes() const noexcept { return bytes_.size(); }
  [[nodiscard]] std::size_t field_count(std::size_t index) const noexcept;
  [[nodiscard]] std::string_view row_field(std::size_t index, std::size_t field) const noexcept;
  [[nodiscard]] bool is_number(std::size_t index, std::size_t field) const noexcept;

  // Of any kind. A number is one field.
  void append_field(std::size_t index, std::size_t field, std::string& out) const;
  void append_value(std::size_t index, std::string_view field_separator, std::string& out) const;
  [[nodiscard]] std::int64_t exact_at(std::size_t index) const noexcept;

  // Keeps `count` values from `from`.
  void slice(std::size_t from, std::size_t count);
  // Keeps the values at `indices`, which rise.
  void select(std::span<const std::uint32_t> indices);
  // Adds the value at `index` of `other`; unlike kinds become rows.
  void append(const Batch& other, std::size_t index);
  // Adds the fields of a value of `other` to the row that is being built.
  void add_fields(const Batch& other, std::size_t index);
  void to_rows();

 private:
  struct Field {
    std::uint64_t end : 63;
    std::uint64_t is_number : 1;
  };
  [[nodiscard]] std::size_t first_field(std::size_t index) const noexcept { return index == 0 ? 0 : rows_[index - 1]; }
  [[nodiscard]] bool same_kind(const Batch& other) const noexcept;
  void slice_rows(std::size_t from, std::size_t count);

  Kind kind_ = Kind::kRows;
  unsigned scale_ = 0;
  Progression progression_;
  std::vector<std::int64_t> exact_;
  std::vector<double> reals_;
  std::string bytes_;                // of all fields
  std::vector<Field> fields_;        // where each ends in bytes_
  std::vector<std::uint32_t> rows_;  // where each ends in fields_
};

}  // namespace mtask::gen
