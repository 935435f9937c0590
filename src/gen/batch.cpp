#include "gen/batch.hpp"

#include <algorithm>
#include <utility>

#include "gen/number.hpp"

namespace mtask::gen {
namespace {

constexpr std::uint64_t kEndMask = ~std::uint64_t{0} >> 1U;  // what fits where a field's end is kept

}  // namespace

std::size_t Batch::size() const noexcept {
  switch (kind_) {
    case Kind::kProgression:
      return progression_.count;
    case Kind::kExact:
      return exact_.size();
    case Kind::kReals:
      return reals_.size();
    case Kind::kRows:
      break;
  }
  return rows_.size();
}

void Batch::clear() noexcept { start_rows(); }

void Batch::start_rows() {
  kind_ = Kind::kRows;
  bytes_.clear();
  fields_.clear();
  rows_.clear();
}

void Batch::set_progression(const Progression& progression, unsigned scale) {
  kind_ = Kind::kProgression;
  progression_ = progression;
  scale_ = scale;
}

std::vector<std::int64_t>& Batch::start_exact(unsigned scale) {
  kind_ = Kind::kExact;
  scale_ = scale;
  exact_.clear();
  return exact_;
}

std::vector<double>& Batch::start_reals() {
  kind_ = Kind::kReals;
  reals_.clear();
  return reals_;
}

std::span<const std::int64_t> Batch::exact() {
  if (kind_ == Kind::kProgression) {
    exact_.resize(progression_.count);
    // Unsigned, as the value after the last may be out of range.
    auto value = static_cast<std::uint64_t>(progression_.first);
    for (std::int64_t& written : exact_) {
      written = static_cast<std::int64_t>(value);
      value += static_cast<std::uint64_t>(progression_.step);
    }
    kind_ = Kind::kExact;
  }
  return exact_;
}

std::int64_t Batch::exact_at(std::size_t index) const noexcept {
  if (kind_ == Kind::kExact) return exact_[index];
  return progression_.first + progression_.step * static_cast<std::int64_t>(index);
}

void Batch::add_field(std::string_view text, bool is_number) {
  bytes_ += text;
  Field field{};
  field.end = bytes_.size() & kEndMask;
  field.is_number = is_number ? 1 : 0;
  fields_.push_back(field);
}

std::size_t Batch::field_count(std::size_t index) const noexcept {
  return kind_ == Kind::kRows ? rows_[index] - first_field(index) : 1;
}

std::string_view Batch::row_field(std::size_t index, std::size_t field) const noexcept {
  const std::size_t at = first_field(index) + field;
  const std::size_t begin = at == 0 ? 0 : fields_[at - 1].end;
  return std::string_view(bytes_).substr(begin, fields_[at].end - begin);
}

bool Batch::is_number(std::size_t index, std::size_t field) const noexcept {
  return kind_ != Kind::kRows || fields_[first_field(index) + field].is_number != 0;
}

void Batch::append_field(std::size_t index, std::size_t field, std::string& out) const {
  switch (kind_) {
    case Kind::kProgression:
    case Kind::kExact:
      append_decimal(exact_at(index), scale_, out);
      break;
    case Kind::kReals:
      append_real(reals_[index], out);
      break;
    case Kind::kRows:
      out += row_field(index, field);
      break;
  }
}

void Batch::append_value(std::size_t index, std::string_view field_separator, std::string& out) const {
  const std::size_t count = field_count(index);
  for (std::size_t field = 0; field < count; ++field) {
    if (field > 0) out += field_separator;
    append_field(index, field, out);
  }
}

void Batch::slice(std::size_t from, std::size_t count) {
  switch (kind_) {
    case Kind::kProgression:
      progression_.first = count == 0 ? 0 : exact_at(from);
      progression_.count = count;
      break;
    case Kind::kExact:
      std::copy_n(exact_.begin() + static_cast<std::ptrdiff_t>(from), count, exact_.begin());
      exact_.resize(count);
      break;
    case Kind::kReals:
      std::copy_n(reals_.begin() + static_cast<std::ptrdiff_t>(from), count, reals_.begin());
      reals_.resize(count);
      break;
    case Kind::kRows:
      slice_rows(from, count);
      break;
  }
}

void Batch::slice_rows(std::size_t from, std::size_t count) {
  const std::size_t fields_before = first_field(from);
  const std::size_t bytes_before = fields_before == 0 ? 0 : std::size_t{fields_[fields_before - 1].end};
  rows_.resize(from + count);
  rows_.erase(rows_.begin(), rows_.begin() + static_cast<std::ptrdiff_t>(from));
  fields_.resize(count == 0 ? fields_before : rows_.back());
  fields_.erase(fields_.begin(), fields_.begin() + static_cast<std::ptrdiff_t>(fields_before));
  bytes_.resize(fields_.empty() ? bytes_before : std::size_t{fields_.back().end});
  bytes_.erase(0, bytes_before);
  for (std::uint32_t& row : rows_) row -= static_cast<std::uint32_t>(fields_before);
  for (Field& field : fields_) field.end = (field.end - bytes_before) & kEndMask;
}

void Batch::select(std::span<const std::uint32_t> indices) {
  if (indices.size() == size()) return;
  switch (kind_) {
    case Kind::kProgression:
      exact_.resize(indices.size());
      for (std::size_t i = 0; i < indices.size(); ++i) {
        exact_[i] = progression_.first + progression_.step * static_cast<std::int64_t>(indices[i]);
      }
      kind_ = Kind::kExact;
      break;
    case Kind::kExact:
      for (std::size_t i = 0; i < indices.size(); ++i) exact_[i] = exact_[indices[i]];
      exact_.resize(indices.size());
      break;
    case Kind::kReals:
      for (std::size_t i = 0; i < indices.size(); ++i) reals_[i] = reals_[indices[i]];
      reals_.resize(indices.size());
      break;
    case Kind::kRows: {
      Batch kept;
      for (const std::uint32_t index : indices) {
        kept.add_fields(*this, index);
        kept.end_row();
      }
      *this = std::move(kept);
      break;
    }
  }
}

bool Batch::same_kind(const Batch& other) const noexcept {
  const auto is_exact = [](Kind kind) { return kind == Kind::kExact || kind == Kind::kProgression; };
  if (is_exact(kind_) && is_exact(other.kind_)) return scale_ == other.scale_;
  return kind_ == other.kind_;
}

void Batch::append(const Batch& other, std::size_t index) {
  if (empty() && other.kind_ != Kind::kRows) {
    if (other.kind_ == Kind::kReals) {
      start_reals();
    } else {
      start_exact(other.scale_);
    }
  } else if (empty()) {
    start_rows();
  } else if (!same_kind(other)) {
    to_rows();
  }
  if (kind_ == Kind::kProgression) static_cast<void>(exact());
  switch (kind_) {
    case Kind::kProgression:
    case Kind::kExact:
      exact_.push_back(other.exact_at(index));
      break;
    case Kind::kReals:
      reals_.push_back(other.reals_[index]);
      break;
    case Kind::kRows:
      add_fields(other, index);
      end_row();
      break;
  }
}

void Batch::add_fields(const Batch& other, std::size_t index) {
  if (other.kind_ == Kind::kRows) {
    const std::size_t count = other.field_count(index);
    for (std::size_t field = 0; field < count; ++field) {
      add_field(other.row_field(index, field), other.is_number(index, field));
    }
    return;
  }
  std::string text;
  other.append_field(index, 0, text);
  add_field(text, true);
}

void Batch::to_rows() {
  if (kind_ == Kind::kRows) return;
  Batch rows;
  const std::size_t count = size();
  for (std::size_t i = 0; i < count; ++i) {
    rows.add_fields(*this, i);
    rows.end_row();
  }
  *this = std::move(rows);
}

}  // namespace mtask::gen
